// Files that go with bulletins: fetched when all else is done, kept as long as the server tells of them.

const PREFIX = "attachment-";
const SLOW = ["slow-2g", "2g"];

/** @typedef {NonNullable<Gandan.BulletinItem["files"]>[number]} Attached */

/** A line on which a file is fetched only when somebody asks for it. */
export function isSlow(connection = /** @type {any} */ (globalThis.navigator)?.connection) {
  return Boolean(connection?.saveData) || SLOW.includes(connection?.effectiveType);
}

/** @param {Gandan.Store} store @param {string} sha256 @returns {Promise<Blob | null>} null: it is not on this phone */
export async function attachmentOf(store, sha256) {
  const kept = await store.get("meta", PREFIX + sha256);
  return kept ? new Blob([kept.bytes], { type: kept.type }) : null;
}

/**
 * Fetch one file and keep it. What is not what it was said to be is not kept.
 * @param {Gandan.Store} store @param {Attached} file
 * @param {{fetch?: Gandan.Fetch, subtle?: SubtleCrypto}} [sources]
 * @returns {Promise<boolean>} whether it is on this phone now
 */
export async function keepAttachment(
  store,
  { sha256, type },
  { fetch = (input, init) => globalThis.fetch(input, init), subtle = globalThis.crypto.subtle } = {},
) {
  try {
    const answer = await fetch(`/bulletins/files/${sha256}`, { credentials: "same-origin" });
    if (!answer.ok) return false;
    const bytes = await answer.arrayBuffer();
    const hash = new Uint8Array(await subtle.digest("SHA-256", bytes));
    if (Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") !== sha256) return false;
    await store.put("meta", { key: PREFIX + sha256, type, bytes });
    return true;
  } catch {
    return false; // the next time it is looked for again
  }
}

/**
 * Fetch what is told of and not here, forget what is here and not told of any more.
 * @param {Gandan.Store} store @param {Parameters<typeof keepAttachment>[2] & {slow?: boolean}} [sources]
 */
export async function fetchAttachments(store, { slow = isSlow(), ...sources } = {}) {
  const items = /** @type {Gandan.BulletinItem[]} */ ((await store.get("meta", "bulletins"))?.list ?? []);
  const files = new Map(
    items.flatMap((item) => item.files ?? []).map((file) => [PREFIX + file.sha256, file]),
  );
  /** @type {string[]} */
  const kept = await store.read(["meta"], (tx) =>
    tx.objectStore("meta").getAllKeys(IDBKeyRange.bound(PREFIX, `${PREFIX}g`)),
  );
  const stale = kept.filter((key) => !files.has(key));
  if (stale.length) await store.remove("meta", ...stale);
  if (slow) return;
  for (const [key, file] of files) if (!kept.includes(key)) await keepAttachment(store, file, sources);
}
