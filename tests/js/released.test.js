// A phone on which any released version of the app was used opens in this one with everything it held.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { openRegistry, openStore } from "../../static/js/offline/database.js";
import { owedPhotos } from "../../static/js/offline/media.js";
import { saveAll, unacknowledged } from "../../static/js/offline/outbox.js";
import { entryViews } from "../../static/js/offline/records.js";
import { freeze, read, thaw } from "./support/frozen.js";
import { createPhone } from "./support/phone.js";
import { OFFICER } from "./support/server.js";

const folder = new URL("released/", import.meta.url);
const versions = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => Number.parseInt(name, 10))
  .sort((a, b) => a - b);
const frozen = (/** @type {number} */ version) =>
  read(readFileSync(new URL(`${version}.json`, folder), "utf8"));

/** @param {number} version */
async function phoneOf(version) {
  const indexedDB = new IDBFactory();
  const databases = frozen(version);
  for (const one of databases) await thaw(indexedDB, one);
  /** @type {Record<string, any[]>} */
  const held = {};
  for (const [name, { rows }] of Object.entries(databases.at(-1)?.stores ?? {})) {
    held[name] = rows.map(({ box, ...rest }) => ({ ...rest, ...box }));
  }
  return { indexedDB, held };
}

test("every version of the database that there was is here, and the newest is what database.js makes", async () => {
  const indexedDB = new IDBFactory();
  const store = await openStore("o", { indexedDB, Channel: null });
  store.close();
  const now = await freeze(indexedDB, "gandan-o");
  assert.deepEqual(
    versions,
    Array.from({ length: now.version }, (_, place) => place + 1),
    "run tests/js/released/freeze.js when the version is raised",
  );
  const plain = (/** @type {import("./support/frozen.js").Frozen | undefined} */ one) =>
    Object.entries(one?.stores ?? {}).map(([name, { rows, ...shape }]) => [name, shape]);
  assert.deepEqual(plain(frozen(now.version).at(-1)), plain(now), "the stores changed: raise the version");
});

/** @param {import("node:test").TestContext} t @param {(version: number, t: import("node:test").TestContext) => Promise<void>} work */
async function ofEach(t, work) {
  for (const version of versions) await t.test(`version ${version}`, (inner) => work(version, inner));
}

test("a phone of every released version opens with its person, drafts, outbox, receipts, records and photos", (t) =>
  ofEach(t, async (version) => {
    const { indexedDB, held } = await phoneOf(version);
    const registry = openRegistry({ indexedDB });
    const person = await registry.current();
    registry.close();
    assert.deepEqual([person?.id, person?.name, person?.device], [OFFICER.id, OFFICER.name, "device-1"]);
    const store = await openStore(OFFICER.id, { indexedDB, Channel: null });
    for (const [name, rows] of Object.entries(held)) {
      assert.ok(name === "blobs" || rows.length, `${name} is worth a test`);
      assert.deepEqual(await store.all(/** @type {Gandan.StoreName} */ (name)), rows, name);
    }
    const [records, sent, outbox, drafts] = await Promise.all([
      store.all("records"),
      store.all("sent"),
      store.all("outbox"),
      store.all("drafts"),
    ]);
    const views = entryViews({ records, sent, outbox, drafts });
    assert.deepEqual(views.map(({ id, where }) => `${id} ${where}`).sort(), [
      "answered sent",
      "draft draft",
      "held quarantined",
      "known waiting",
      "new waiting",
      "tried waiting",
    ]);
    store.close();
  }));

test("what waits on a phone of every released version arrives once, letter for letter, and its draft can be saved", (t) =>
  ofEach(t, async (version, inner) => {
    const { indexedDB, held } = await phoneOf(version);
    const phone = await createPhone(inner, { indexedDB, session: false });
    const tried = held.outbox?.find((row) => row.frozen);
    let state = await phone.sync.run("open");
    assert.deepEqual([state.unsent, state.photos.waiting, state.problem], [0, 0, null]);
    assert.equal((await unacknowledged(phone.store)).count, 0);
    const texts = phone.server.pushes.flatMap(({ json }) =>
      json.operations.map((/** @type {{op: string}} */ { op }) => op),
    );
    assert.equal(texts.filter((text) => text === tried.text).length, 1, "the frozen words");
    assert.deepEqual(
      phone.server.effects.map(({ op_id }) => op_id).sort(),
      held.outbox?.map(({ op_id }) => op_id).sort(),
    );
    for (const row of held.outbox ?? []) {
      const effect = phone.server.effects.find(({ op_id }) => op_id === row.op_id);
      assert.deepEqual([effect.body, effect.rev, effect.device_seq], [row.body, row.rev, row.seq]);
    }
    const named = held.media?.filter((row) => row.records.length) ?? [];
    assert.deepEqual([...phone.server.photos.keys()].sort(), named.map(({ sha256 }) => sha256).sort());
    assert.ok([...phone.server.photos.values()].every(({ complete }) => complete));

    const [draft] = await phone.store.all("drafts");
    assert.deepEqual(draft, held.drafts?.[0]);
    const { id, base_rev, body } = draft;
    /** @type {Gandan.Operation} */
    const operation = { kind: "meeting.save", id, base_rev, body };
    const [row] = await saveAll(phone.store, [operation], { draft: { id }, now: phone.now });
    assert.equal(row?.seq, Math.max(...(held.outbox ?? []).map(({ seq }) => seq)) + 1, "no number twice");
    assert.equal((await owedPhotos(phone.store)).length, body.photos?.length ?? 0);
    state = await phone.sync.run("button");
    assert.deepEqual([state.unsent, state.photos.waiting, state.problem], [0, 0, null]);
    assert.equal(phone.server.effects.at(-1).body.summary, "Đang ghi dở");
  }));
