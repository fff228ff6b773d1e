// The notebook on the phone: one IndexedDB database per person, reached through one door.
// Writes are strict: a promise that resolves means the row is on the disk.
import { wrap } from "../../vendor/idb.js";

/** Why the notebook could not be used; `code` is known to problems.js. */
export class StoreError extends Error {
  /** @param {"quota" | "blocked" | "newer" | "unavailable"} code @param {unknown} [cause] */
  constructor(code, cause) {
    super(code, { cause });
    this.name = "StoreError";
    this.code = code;
  }
}

/** Stores of a person's database: key, indexes, and what lies open; the rest of a row goes through the codec. */
/** @type {Record<Gandan.StoreName, {key: string, indexes?: string[], open?: string[], counted?: boolean}>} */
const STORES = {
  drafts: { key: "id", open: ["id", "record_id", "form", "unit_id", "updated_at", "photos"] },
  outbox: {
    key: "op_id",
    indexes: ["record_id"],
    open: "op_id record_id entry kind rev base_rev base_op settles seq made_at learned_at clock_offset author device edits form frozen".split(
      " ",
    ),
  },
  sent: {
    key: "op_id",
    indexes: ["record_id"],
    open: "op_id record_id kind rev base_rev seq outcome acknowledged_at fate".split(" "),
  },
  records: { key: "id", indexes: ["unit_id"], open: ["id", "kind", "unit_id", "author_id", "rev", "state"] },
  units: { key: "id", open: ["id", "mine"] },
  meta: { key: "key", open: ["key", "value"] },
  diary: { key: "id", counted: true, open: ["id", "at", "event"] },
  media: { key: "sha256", open: ["sha256", "size", "added_at", "records", "complete_at"] },
  blobs: { key: "sha256", open: ["sha256"] },
};
/** A new version adds stores and takes nothing away: a window of an older one goes on beside it. */
const VERSION = 2;
const REGISTRY_VERSION = 1;
const OPEN_TIMEOUT = 10_000;
const DIARY_ROWS = 200;

/** @param {any} error */
const lost = (error) =>
  ["InvalidStateError", "AbortError", "UnknownError", "TimeoutError"].includes(error?.name);

/** All has been asked for: do not wait until every answer has come back. @param {any} tx */
function commit(tx) {
  try {
    tx.commit();
  } catch {} // it is over already, or an older browser finds out by itself
}

/**
 * A connection that may die at any moment: it is opened again once, and the work done again, before giving up.
 * @param {IDBFactory} factory @param {string} name @param {number} version @param {(db: IDBDatabase) => void} build
 */
function connection(factory, name, version, build) {
  /** @type {Promise<any> | null} */
  let opened = null;

  function open() {
    opened ??= new Promise((resolve, reject) => {
      let over = false;
      /** @param {ConstructorParameters<typeof StoreError>[0]} code @param {unknown} [cause] */
      const fail = (code, cause) => {
        over = true;
        opened = null;
        clearTimeout(timer);
        reject(new StoreError(code, cause));
      };
      const timer = setTimeout(() => fail("unavailable"), OPEN_TIMEOUT); // WebKit has been seen to hang here
      /** @param {number} [wanted] */
      const ask = (wanted) => {
        const request = factory.open(name, wanted);
        request.onupgradeneeded = () => build(request.result);
        request.onblocked = () => fail("blocked");
        request.onerror = () => {
          const cause = request.error?.name;
          // A newer version of the app has been here: all that this one knows is still there.
          if (cause === "VersionError") ask();
          else fail(cause === "QuotaExceededError" ? "quota" : "unavailable", request.error);
        };
        request.onsuccess = () => {
          const db = request.result;
          if (over) return db.close();
          clearTimeout(timer);
          db.onclose = () => (opened = null);
          db.onversionchange = () => {
            db.close();
            opened = null;
          };
          resolve(wrap(db));
        };
      };
      try {
        ask(version);
      } catch (error) {
        fail("unavailable", error);
      }
    });
    return opened;
  }

  function close() {
    opened?.then((db) => db.close()).catch(() => {});
    opened = null;
  }

  /** @template T @param {(db: any) => Promise<T>} work @returns {Promise<T>} */
  async function use(work) {
    for (let first = true; ; first = false) {
      try {
        return await work(await open());
      } catch (error) {
        const { name } = /** @type {any} */ (error) ?? {};
        if (name === "QuotaExceededError") throw new StoreError("quota", error);
        if (name === "NotFoundError") throw new StoreError("newer", error);
        if (!lost(error)) throw error;
        close();
        if (!first) throw new StoreError("unavailable", error);
      }
    }
  }

  /** @param {string[]} names @param {(tx: any) => Promise<any>} work @param {"readonly" | "readwrite"} mode */
  const transact = (names, work, mode) =>
    use(async (db) => {
      const tx = db.transaction(names, mode, { durability: "strict" });
      tx.done.catch(() => {});
      try {
        const result = await work(tx);
        if (mode === "readwrite") commit(tx);
        await tx.done;
        return result;
      } catch (error) {
        const cause = tx.error ?? error; // the reason of an abort is the transaction's, not the request's
        try {
          tx.abort();
        } catch {}
        throw cause;
      }
    });

  return { open, close, transact };
}

/** @type {Gandan.Codec} */
const PLAIN = { encode: async (value) => value, decode: async (value) => value };

/**
 * @param {string} officerId
 * @param {{indexedDB?: IDBFactory, codec?: Gandan.Codec, Channel?: typeof BroadcastChannel | null, now?: () => number}} [sources]
 * @returns {Promise<Gandan.Store>}
 */
export async function openStore(
  officerId,
  {
    indexedDB = globalThis.indexedDB,
    codec = PLAIN,
    Channel = globalThis.BroadcastChannel,
    now = Date.now,
  } = {},
) {
  const name = `gandan-${officerId}`;
  const { open, close, transact } = connection(indexedDB, name, VERSION, (db) => {
    for (const [store, { key, indexes = [], counted }] of Object.entries(STORES)) {
      if (db.objectStoreNames.contains(store)) continue;
      const made = db.createObjectStore(store, { keyPath: key, autoIncrement: counted });
      for (const index of indexes) made.createIndex(index, index);
    }
  });
  await open();

  /** @type {Set<() => void>} */
  const listeners = new Set();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const channel = Channel ? new Channel(name) : null;
  if (channel) channel.onmessage = tell;

  /** @type {Gandan.Store} */
  const store = {
    officerId,
    read: (names, work) => transact(names, work, "readonly"),
    async write(names, work) {
      const result = await transact(names, work, "readwrite");
      if (names.some((touched) => touched !== "diary" && touched !== "meta")) {
        channel?.postMessage(0);
        tell();
      }
      return result;
    },
    async seal(into, row) {
      /** @type {Record<string, any>} */
      const sealed = {};
      /** @type {Record<string, any>} */
      const hidden = {};
      for (const [key, value] of Object.entries(row)) {
        (STORES[into].open?.includes(key) ? sealed : hidden)[key] = value;
      }
      if (Object.keys(hidden).length) sealed.box = await codec.encode(hidden);
      return sealed;
    },
    async unseal(row) {
      if (!row) return row;
      const { box, ...rest } = row;
      return box === undefined ? rest : { ...rest, ...(await codec.decode(box)) };
    },
    async get(from, key) {
      return store.unseal(await store.read([from], (tx) => tx.objectStore(from).get(key)));
    },
    async all(from, index, key) {
      const rows = await store.read([from], (tx) => {
        const source = tx.objectStore(from);
        return index ? source.index(index).getAll(key) : source.getAll();
      });
      return Promise.all(rows.map(store.unseal));
    },
    count: (from) => store.read([from], (tx) => tx.objectStore(from).count()),
    async put(into, ...rows) {
      const sealed = await Promise.all(rows.map((row) => store.seal(into, row)));
      await store.write([into], (tx) => Promise.all(sealed.map((row) => tx.objectStore(into).put(row))));
    },
    async remove(from, ...keys) {
      await store.write([from], (tx) => Promise.all(keys.map((key) => tx.objectStore(from).delete(key))));
    },
    meta: async (key) => (await store.get("meta", key))?.value,
    setMeta: (values) => store.put("meta", ...Object.entries(values).map(([key, value]) => ({ key, value }))),
    async note(event, detail = {}) {
      try {
        const row = await store.seal("diary", { at: new Date(now()).toISOString(), event, ...detail });
        await store.write(["diary"], async (tx) => {
          const diary = tx.objectStore("diary");
          const id = await diary.add(row);
          await diary.delete(IDBKeyRange.upperBound(Number(id) - DIARY_ROWS));
        });
      } catch {} // the diary must never stand in the way of the work
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      channel?.close();
      close();
    },
  };
  return store;
}

/**
 * Who has been on this phone, and who is now.
 * @param {{indexedDB?: IDBFactory}} [sources]
 * @returns {Gandan.Registry}
 */
export function openRegistry({ indexedDB = globalThis.indexedDB } = {}) {
  const { close, transact } = connection(indexedDB, "gandan", REGISTRY_VERSION, (db) => {
    db.createObjectStore("people", { keyPath: "id" });
    db.createObjectStore("meta", { keyPath: "key" });
  });
  return {
    current: () =>
      transact(
        ["people", "meta"],
        async (tx) => {
          const id = (await tx.objectStore("meta").get("current"))?.value;
          return (id && (await tx.objectStore("people").get(id))) || null;
        },
        "readonly",
      ),
    setCurrent: (person) =>
      transact(
        ["people", "meta"],
        async (tx) => {
          if (person) tx.objectStore("people").put(person);
          await tx.objectStore("meta").put({ key: "current", value: person?.id ?? null });
        },
        "readwrite",
      ),
    people: () => transact(["people"], (tx) => tx.objectStore("people").getAll(), "readonly"),
    close,
  };
}

/** The registry of this window. */
export const registry = openRegistry();
