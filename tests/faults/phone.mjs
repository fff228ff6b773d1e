// A phone: a disk, a cookie, a clock that may be wrong, and the real modules of the app on it.
import { gunzipSync } from "node:zlib";
import { IDBFactory } from "fake-indexeddb";
import { startConnection } from "../../static/js/offline/connection.js";
import { openRegistry, openStore } from "../../static/js/offline/database.js";
import { signOut } from "../../static/js/offline/leaving.js";
import { entryViews, flashViews, petitionViews } from "../../static/js/offline/records.js";
import { keepRescueKey, makeRescueFile } from "../../static/js/offline/rescue.js";
import { provision } from "../../static/js/offline/session.js";
import { createSync } from "../../static/js/offline/sync.js";
import { createLocks } from "../js/support/phone.js";
import { Killed, Life } from "./storage.mjs";

/** @typedef {import("./network.mjs").Answer} Answer */
/** @typedef {import("./network.mjs").NetworkFault} NetworkFault */
/** @typedef {import("./storage.mjs").StorageFault} StorageFault */
/**
 * What goes wrong while a phone does one thing: the tick at which it dies, what its disk does at which tick, and what
 * becomes of its first, second, … request.
 * @typedef {{killAt?: number, storage?: StorageFault[], network?: (NetworkFault | null)[]}} Weather
 */
/**
 * `forms` are open in it, and gone with it.
 * @typedef {{store: Gandan.Store, sync: Gandan.Sync, connection: ReturnType<typeof startConnection>, document: any,
 *   window: EventTarget, forms: import("./forms.mjs").Form[]}} Window
 */

/** Bugs planted in the client on purpose, by name. */
export const PLANTS = ["pop", "thaw", "blind"];

export class Phone {
  disk = new IDBFactory();
  cookie = "";
  skew = 0;
  isOnline = true;
  /** @type {Life} */
  life;
  /** @type {Window[]} */
  windows = [];
  /** @type {(NetworkFault | null)[]} */
  network = [];
  /** Everything a phone's windows are at. @type {Set<Promise<unknown>>} */
  busy = new Set();
  deaths = 0;
  /** Answers of the server to be given again, for what every schedule begins with. @type {Answer[]} */
  tape = [];
  /** Faults that came true, by name. @type {Record<string, number>} */
  seen = {};

  /**
   * @param {object} world
   * @param {string} world.name
   * @param {import("./network.mjs").Network} world.network
   * @param {() => number} world.time the true time
   * @param {() => number} world.random
   * @param {string} [world.plant]
   * @param {(text: string) => void} world.sent told of each operation's text that is sent
   */
  constructor({ name, network, time, random, plant, sent }) {
    this.name = name;
    this.server = network;
    this.time = time;
    this.random = random;
    this.plant = plant;
    this.sent = sent;
    this.life = new Life(this.disk);
    this.locks = createLocks();
  }

  now = () => this.time() + this.skew;

  /** @param {NetworkFault["what"] | string} what */
  count(what) {
    this.seen[what] = (this.seen[what] ?? 0) + 1;
  }

  /** @param {Life} life @returns {Gandan.Fetch} */
  fetchOf =
    (life) =>
    async (path, init = {}) => {
      life.tick();
      const fault = this.network.shift() ?? undefined;
      const bytes =
        init.body === undefined || init.body === null
          ? undefined
          : Buffer.from(await new Response(init.body).arrayBuffer());
      if (fault) this.count(fault.what);
      /** @type {Record<string, string>} */
      const headers = { "Sec-Fetch-Site": "same-origin" };
      for (const [key, value] of new Headers(init.headers)) headers[key] = value;
      if (this.cookie) headers.Cookie = this.cookie;
      if (bytes) headers["Content-Length"] = String(bytes.length);
      if (path === "/sync/push" && bytes) {
        const text = headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
        for (const { op } of JSON.parse(text.toString()).operations) this.sent(op);
      }
      const call = { method: init.method ?? "GET", path, headers, ...(bytes ? { body: bytes } : {}) };
      const thaw = () => (this.plant === "thaw" && path === "/sync/push" ? this.thaw() : null);
      const popped = this.plant === "pop" && path === "/sync/push" ? await this.pop() : null;
      const answer =
        this.tape.shift() ??
        (await this.server.through(call, fault).catch(async (error) => {
          await thaw();
          throw error;
        }));
      life.tick();
      if (popped) await popped();
      const [cookie] = [answer.headers["set-cookie"] ?? []].flat();
      if (cookie) this.cookie = cookie.split(";")[0] ?? "";
      const { location, ...rest } = /** @type {Record<string, string>} */ (answer.headers);
      delete rest["set-cookie"];
      delete rest["content-encoding"];
      const empty = [204, 303, 304].includes(answer.status);
      const response = new Response(empty ? null : new Uint8Array(answer.body), {
        status: answer.status === 303 ? 204 : answer.status, // a redirect that is not followed is as good as an answer
        headers: rest,
      });
      return response;
    };

  /** The planted bug: take what is sent off the outbox, and put it back when there is an answer. */
  async pop() {
    const store = /** @type {Window} */ (this.windows[0]).store;
    const rows = (await store.all("outbox")).filter((row) => row.frozen);
    await store.remove("outbox", ...rows.map((row) => row.op_id));
    return () => store.put("outbox", ...rows);
  }

  /** The planted bug: what was sent without an answer counts as never sent, and may be edited. */
  async thaw() {
    const { store } = /** @type {Window} */ (this.windows[0]);
    const rows = (await store.all("outbox")).filter((row) => row.frozen);
    await store.put("outbox", ...rows.map((row) => ({ ...row, frozen: false })));
  }

  get sources() {
    const { life } = this;
    return {
      fetch: this.fetchOf(life),
      online: () => this.isOnline,
      timeout: 60_000,
      registry: openRegistry({ indexedDB: life.indexedDB }),
      open: (/** @type {string} */ officer) => this.open(officer),
      now: this.now,
    };
  }

  /** @param {string} officer */
  open(officer) {
    return openStore(officer, { indexedDB: this.life.indexedDB, Channel: null, now: this.now });
  }

  /** @template T @param {Promise<T>} work @returns {Promise<T>} */
  track(work) {
    const quiet = work.catch(() => {}).finally(() => this.busy.delete(quiet));
    this.busy.add(quiet);
    return work;
  }

  async quiet() {
    while (this.busy.size) await Promise.all(this.busy);
  }

  /** Open the app in one more window, if somebody is signed in. @returns {Promise<Window | null>} */
  async openWindow() {
    const { life, sources } = this;
    const person = await sources.registry.current();
    sources.registry.close();
    if (!person) return null;
    const store = await this.open(person.id);
    const sync = createSync({
      store,
      fetch: sources.fetch,
      now: this.now,
      random: this.random,
      locks: /** @type {any} */ (this.locks),
      online: () => this.isOnline,
      timeout: 60_000,
    });
    const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
    const window = new EventTarget();
    const tracked = {
      ...sync,
      run: (/** @type {string} */ reason) => this.track(sync.run(reason)).catch(() => sync.state()),
    };
    const connection = startConnection(tracked, /** @type {any} */ ({ window, document, worker: null }));
    const opened = { store, sync, connection, document, window, forms: [] };
    if (life.dead) throw new Killed("killed");
    this.windows.push(opened);
    return opened;
  }

  /** Do something in a given weather; what remains of the weather is over when it is done. @template T @param {Weather} weather @param {() => Promise<T>} work @returns {Promise<T | Error>} */
  async under({ killAt, storage = [], network = [] }, work) {
    const { life } = this;
    if (killAt) life.killAt = life.ticks + killAt;
    life.faults = storage.map((fault) => ({ ...fault, at: life.ticks + fault.at }));
    this.network = [...network];
    /** @type {T | Error} */
    let result;
    try {
      result = await work();
    } catch (error) {
      result = /** @type {Error} */ (error);
    }
    await this.quiet();
    for (const what of life.seen.splice(0)) this.count(what);
    life.faults = [];
    life.killAt = Number.POSITIVE_INFINITY;
    this.network = [];
    if (life.dead) this.reborn();
    return result;
  }

  kill() {
    this.life.kill();
    this.reborn();
  }

  reborn() {
    this.deaths++;
    this.close();
    this.life = new Life(this.disk);
    this.locks = createLocks(); // the browser's locks die with it
  }

  /** Close the app's windows, as a person does. */
  close() {
    for (const { connection, sync, store } of this.windows) {
      connection.stop();
      sync.close();
      store.close();
    }
    this.windows = [];
  }

  /** The first window; the app is opened if it is not. */
  async window() {
    return this.windows[0] ?? (await this.openWindow());
  }

  /** Sign in at the server's own form, and let the phone know. @param {string} code @param {string} password */
  async signIn(code, password) {
    this.close();
    const { sources } = this;
    const body = new URLSearchParams({ identifier: code, password });
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const answer = await sources.fetch("/sign-in", { method: "POST", headers, body: `${body}` });
    if (answer.status !== 204) throw new Error(`sign-in: ${answer.status}`);
    const { problem } = await provision(sources);
    sources.registry.close();
    return problem;
  }

  async signOut() {
    const window = await this.window();
    if (!window) return null;
    const { sources } = this;
    const answer = await signOut(window.store, sources);
    sources.registry.close();
    if (answer.ok) this.close();
    return answer;
  }

  /** Another one takes its place, with nothing on it. */
  replace() {
    this.disk = new IDBFactory();
    this.cookie = "";
    this.skew = 0;
    this.kill();
  }

  /** @param {Gandan.Store} store */
  keepKey(store) {
    const { fetch, online, timeout, now } = this.sources;
    return keepRescueKey(store, { fetch, online, timeout, now });
  }

  /** Make a rescue file, and note what is in it before nobody but the server can read it. @param {Gandan.Store} store */
  async rescueFile(store) {
    /** @type {string[]} */
    const operations = [];
    const { subtle } = globalThis.crypto;
    const spied = new Proxy(subtle, {
      get:
        (target, name) =>
        (/** @type {any[]} */ ...said) => {
          if (name === "encrypt") {
            for (const { op } of JSON.parse(gunzipSync(said[2]).toString()).operations) {
              this.sent(op);
              operations.push(JSON.parse(op).op_id);
            }
          }
          return /** @type {any} */ (target)[name](...said);
        },
    });
    await this.keepKey(store);
    const getRandomValues = (/** @type {any} */ into) => globalThis.crypto.getRandomValues(into);
    const crypto = /** @type {any} */ ({ subtle: spied, getRandomValues });
    const { bytes } = await makeRescueFile(store, { crypto, now: this.now });
    return { bytes, operations };
  }

  async person() {
    const { registry } = this.sources;
    const person = await registry.current();
    registry.close();
    return person;
  }

  async people() {
    const { registry } = this.sources;
    const people = await registry.people();
    registry.close();
    return people;
  }
}

/** What the screens of a notebook show. @param {Gandan.Store} store */
export async function viewsOf(store) {
  const [records, sent, outbox, drafts, units, kept] = await Promise.all([
    store.all("records"),
    store.all("sent"),
    store.all("outbox"),
    store.all("drafts"),
    store.all("units"),
    store.get("meta", "quarantine"),
  ]);
  const quarantine = /** @type {Gandan.Held[]} */ (kept?.list ?? []);
  const rows = { records, sent, outbox, drafts, units, quarantine };
  const [entries, petitions, flashes] = [entryViews(rows), petitionViews(rows), flashViews(rows)];
  return { ...rows, entries, petitions, flashes };
}
