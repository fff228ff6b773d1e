// A phone with a clock of its own: the real modules over a real (in-memory) IndexedDB.
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { openStore } from "../../../static/js/offline/database.js";
import { uuid7 } from "../../../static/js/offline/ids.js";
import { saveAll } from "../../../static/js/offline/outbox.js";
import { createSync } from "../../../static/js/offline/sync.js";
import { OFFICER, Server } from "./server.js";

export const START = Date.parse("2026-11-22T12:00:00.000Z");

/** What the pages read of a store for the views of its rows. @param {Gandan.Store} store */
export async function rowsOf(store) {
  const [records, sent, outbox, drafts] = await Promise.all([
    store.all("records"),
    store.all("sent"),
    store.all("outbox"),
    store.all("drafts"),
  ]);
  return { records, sent, outbox, drafts };
}

/** Which records rows are about. */
export const ids = (/** @type {{record_id: string}[]} */ rows) => rows.map((row) => row.record_id);

/** The part of navigator.locks that is used, shared by all windows of a phone. */
export function createLocks() {
  /** @type {Map<string, Promise<unknown>>} */
  const held = new Map();
  return {
    /** @param {string} name @param {any} options @param {any} [work] */
    async request(name, options, work) {
      const [how, run] = work ? [options, work] : [{}, options];
      while (held.has(name)) {
        if (how.ifAvailable) return run(null);
        await held.get(name);
      }
      const done = (async () => run({ name }))();
      held.set(
        name,
        done.catch(() => {}).then(() => held.delete(name)),
      );
      return done;
    },
  };
}

/**
 * @typedef {object} Phone
 * @property {IDBFactory} indexedDB
 * @property {number} time
 * @property {boolean} isOnline
 * @property {any} locks
 * @property {() => number} now
 * @property {Gandan.Store} store
 * @property {Gandan.Sync} sync
 * @property {Server} server
 * @property {(more?: object) => Promise<{store: Gandan.Store, sync: Gandan.Sync}>} window another window of the
 *   same phone, or the same one started again
 * @property {(operation?: Partial<Gandan.Operation>) => Promise<Gandan.Row>} save
 */

/** @param {import("node:test").TestContext} t @param {{officer?: string, session?: boolean, indexedDB?: IDBFactory}} [options] */
export async function createPhone(
  t,
  { officer = OFFICER.id, session = true, indexedDB = new IDBFactory() } = {},
) {
  /** @type {Phone} */
  const phone = {
    indexedDB,
    time: START,
    isOnline: true,
    locks: createLocks(),
    now: () => phone.time,
    store: /** @type {any} */ (null),
    sync: /** @type {any} */ (null),
    server: new Server(() => phone.time),
    async window(more = {}) {
      const store = await openStore(officer, { indexedDB, Channel: null, now: phone.now });
      t.after(() => store.close());
      const sync = createSync({
        store,
        fetch: phone.server.fetch,
        now: phone.now,
        random: () => 0.5,
        locks: phone.locks,
        online: () => phone.isOnline,
        timeout: 200,
        ...more,
      });
      return { store, sync };
    },
    async save(operation = {}) {
      const body = { unit_id: "unit-1", meeting_date: "2026-11-18", households_present: 27 };
      const [row] = await saveAll(
        phone.store,
        [{ kind: "meeting.save", id: uuid7(), base_rev: 0, body, ...operation }],
        { now: phone.now },
      );
      return /** @type {Gandan.Row} */ (row);
    },
  };
  const { store, sync } = await phone.window();
  Object.assign(phone, { store, sync });
  if (session) {
    const { id, secret, revoked } = phone.server.device;
    await store.put("meta", { key: "session", device: id, secret, revoked });
  }
  return phone;
}
