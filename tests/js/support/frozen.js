// A phone's databases as a file: taken down when a version is released, put up again to see that it still opens.

/** @typedef {{keyPath: string, autoIncrement: boolean, indexes: Record<string, string>, rows: any[]}} FrozenStore */
/** @typedef {{name: string, version: number, stores: Record<string, FrozenStore>}} Frozen */

/** @template T @param {any} request @returns {Promise<T>} */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Bytes as JSON. @param {string} _ @param {any} value */
const pack = (_, value) =>
  value instanceof ArrayBuffer ? { base64: Buffer.from(value).toString("base64") } : value;

/** @param {string} _ @param {any} value */
const unpack = (_, value) =>
  value?.base64 ? new Uint8Array(Buffer.from(value.base64, "base64")).buffer : value;

/** @param {string} text @returns {Frozen[]} */
export const read = (text) => JSON.parse(text, unpack);

/** @param {Frozen[]} all */
export const written = (all) => `${JSON.stringify(all, pack, 1)}\n`;

/** @param {IDBFactory} indexedDB @param {string} name @returns {Promise<Frozen>} */
export async function freeze(indexedDB, name) {
  /** @type {IDBDatabase} */
  const db = await done(indexedDB.open(name));
  /** @type {Frozen["stores"]} */
  const stores = {};
  for (const each of [...db.objectStoreNames].sort()) {
    const store = db.transaction(each).objectStore(each);
    stores[each] = {
      keyPath: /** @type {string} */ (store.keyPath),
      autoIncrement: store.autoIncrement,
      indexes: Object.fromEntries(
        [...store.indexNames].map((index) => [index, String(store.index(index).keyPath)]),
      ),
      rows: await done(store.getAll()),
    };
  }
  const { version } = db;
  db.close();
  return { name, version, stores };
}

/** @param {IDBFactory} indexedDB @param {Frozen} frozen */
export async function thaw(indexedDB, { name, version, stores }) {
  const opening = indexedDB.open(name, version);
  opening.onupgradeneeded = () => {
    for (const [each, { keyPath, autoIncrement, indexes, rows }] of Object.entries(stores)) {
      const store = opening.result.createObjectStore(each, { keyPath, autoIncrement });
      for (const [index, path] of Object.entries(indexes)) store.createIndex(index, path);
      for (const row of rows) store.put(row);
    }
  };
  /** @type {IDBDatabase} */
  const db = await done(opening);
  db.close();
}
