import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { openRegistry, openStore, StoreError } from "../../static/js/offline/database.js";
import { saveAll, unacknowledged } from "../../static/js/offline/outbox.js";

/** @param {import("node:test").TestContext} t @param {object} [more] */
async function fresh(t, more = {}) {
  const indexedDB = new IDBFactory();
  const store = await openStore("o", { indexedDB, Channel: null, ...more });
  t.after(() => store.close());
  return { indexedDB, store };
}
const draft = { id: "d", kind: "meeting", unit_id: "u", updated_at: "2026-11-22", body: { place: "Đình" } };

/** Raw access beside the door. @param {IDBFactory} indexedDB @param {string} name @param {number} [version] @returns {Promise<IDBDatabase>} */
const raw = (indexedDB, name, version) =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

test("every write is strict", async (t) => {
  const { store } = await fresh(t);
  const transaction = IDBDatabase.prototype.transaction;
  /** @type {any[]} */
  const seen = [];
  IDBDatabase.prototype.transaction = function (names, mode, options) {
    if (mode === "readwrite") seen.push(options?.durability);
    return transaction.call(this, names, mode, options);
  };
  t.after(() => {
    IDBDatabase.prototype.transaction = transaction;
  });
  await store.put("drafts", draft);
  await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 0, body: {} }]);
  await store.remove("drafts", "d");
  assert.deepEqual(new Set(seen), new Set(["strict"]));
});

test("a write resolves only when its transaction is complete", async (t) => {
  const { store } = await fresh(t);
  const transaction = IDBDatabase.prototype.transaction;
  let complete = 0;
  IDBDatabase.prototype.transaction = function (...args) {
    const tx = transaction.apply(this, args);
    tx.addEventListener("complete", () => complete++);
    return tx;
  };
  t.after(() => {
    IDBDatabase.prototype.transaction = transaction;
  });
  await store.put("drafts", draft);
  assert.equal(complete, 1);
});

test("with a codec only ids, dates and states lie open, and it is called outside of transactions", async (t) => {
  const secret = "Bà con đề nghị sửa đường";
  const codec = {
    // Waiting for a timer inside a transaction would end the transaction.
    encode: async (/** @type {any} */ value) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return Buffer.from(JSON.stringify(value)).toString("base64");
    },
    decode: async (/** @type {string} */ value) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return JSON.parse(Buffer.from(value, "base64").toString());
    },
  };
  const { indexedDB, store } = await fresh(t, { codec });
  await store.put("drafts", { ...draft, body: { summary: secret } });
  await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 0, body: { summary: secret } }]);
  await store.put("meta", { key: "session", device: "d", secret });
  await store.put("records", { id: "r", unit_id: "u", rev: 1, state: "returned", body: { summary: secret } });
  assert.equal((await unacknowledged(store)).rows[0]?.body.summary, secret);
  assert.equal((await store.get("meta", "session")).secret, secret);
  assert.equal((await store.all("records", "unit_id", "u"))[0].body.summary, secret);
  const db = await raw(indexedDB, "gandan-o");
  for (const name of ["drafts", "outbox", "meta", "records"]) {
    const rows = await new Promise((resolve) => {
      const request = db.transaction(name).objectStore(name).getAll();
      request.onsuccess = () => resolve(request.result);
    });
    assert.ok(rows.length);
    assert.ok(!JSON.stringify(rows).includes("đường"), name);
  }
  db.close();
});

test("a connection that dies is opened again and the work done again", async (t) => {
  const { store } = await fresh(t);
  const transaction = IDBDatabase.prototype.transaction;
  let deaths = 1;
  IDBDatabase.prototype.transaction = function (...args) {
    if (deaths-- > 0) throw new DOMException("The database connection is closing.", "InvalidStateError");
    return transaction.apply(this, args);
  };
  t.after(() => {
    IDBDatabase.prototype.transaction = transaction;
  });
  await store.put("drafts", draft);
  assert.deepEqual((await store.get("drafts", "d")).body, draft.body);
  deaths = 2;
  await assert.rejects(
    store.put("drafts", draft),
    (error) => error instanceof StoreError && error.code === "unavailable",
  );
});

test("a full phone is said as such", async (t) => {
  const { store } = await fresh(t);
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  t.after(() => {
    IDBObjectStore.prototype.put = put;
  });
  await assert.rejects(
    store.put("drafts", draft),
    (error) => error instanceof StoreError && error.code === "quota",
  );
  IDBObjectStore.prototype.put = put;
  assert.equal(await store.get("drafts", "d"), undefined);
});

test("a window steps aside for a newer version, and then goes on beside it", async (t) => {
  const { indexedDB, store } = await fresh(t);
  await store.put("drafts", draft);
  const db = await raw(indexedDB, "gandan-o", 9); // blocked for ever if the store kept its connection
  await store.put("drafts", { ...draft, id: "e" });
  await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 0, body: {} }], { draft: { id: "e" } });
  const again = await openStore("o", { indexedDB, Channel: null }); // an older page, loaded anew
  t.after(() => again.close());
  assert.deepEqual([await again.count("drafts"), await again.count("outbox")], [1, 1]);
  assert.equal(db.version, 9);
  db.close();
});

test("a window whose stores a newer version took away says that it is the old one", async (t) => {
  const { indexedDB, store } = await fresh(t);
  const request = indexedDB.open("gandan-o", 9);
  request.onupgradeneeded = () => request.result.deleteObjectStore("drafts");
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  request.result.close();
  await assert.rejects(
    store.put("drafts", draft),
    (error) => error instanceof StoreError && error.code === "newer",
  );
});

test("a browser without a database is said, not waited for", async () => {
  const indexedDB = /** @type {any} */ ({
    open() {
      throw new DOMException("no", "SecurityError");
    },
  });
  await assert.rejects(openStore("o", { indexedDB, Channel: null }), (error) => error instanceof StoreError);
});

test("windows hear of each other's changes", async (t) => {
  const { indexedDB, store } = await fresh(t, { Channel: BroadcastChannel });
  const other = await openStore("o", { indexedDB, Channel: BroadcastChannel });
  t.after(() => other.close());
  const heard = new Promise((resolve) => other.watch(() => resolve("heard")));
  await store.put("drafts", draft);
  assert.equal(await heard, "heard");
});

test("one database per person, and the registry knows who is here", async (t) => {
  const indexedDB = new IDBFactory();
  const registry = openRegistry({ indexedDB });
  t.after(() => registry.close());
  assert.equal(await registry.current(), null);
  const person = {
    id: "a",
    name: "An",
    title: "",
    may_record: true,
    demonstration: false,
    device: "d",
    revoked: false,
  };
  await registry.setCurrent(person);
  await registry.setCurrent({ ...person, id: "b", name: "Bình" });
  assert.equal((await registry.current())?.name, "Bình");
  assert.equal((await registry.people()).length, 2);
  await registry.setCurrent(null);
  assert.equal(await registry.current(), null);
  const [a, b] = await Promise.all(["a", "b"].map((id) => openStore(id, { indexedDB, Channel: null })));
  await a?.put("drafts", draft);
  assert.equal(await b?.count("drafts"), 0);
  a?.close();
  b?.close();
});
