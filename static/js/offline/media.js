// Photos: kept by their content when they are taken, sent in pieces after their entries, forgotten when both are safe.
// `media` says what is known of each, `blobs` holds the bytes; the entries that name them are in `records`.
import { problem } from "./problems.js";
import { call } from "./transport.js";

const DAY = 86_400_000;
const LARGEST = 65_536;
const SMALLEST = 8_192;
/** How often one photo may be told another offset before it waits for the next run; starting over counts twice. */
const TURNS = 3;
/** In how many runs the server may refuse one before it waits for somebody to ask: each costs the whole photo. */
const REFUSALS = 3;

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Keep a photo; the same one twice is one. Resolves when it is on the disk.
 * @param {Gandan.Store} store @param {ArrayBuffer} bytes
 * @param {{now?: () => number, subtle?: SubtleCrypto}} [sources]
 * @returns {Promise<{sha256: string, size: number}>}
 */
export async function keepPhoto(store, bytes, { now = Date.now, subtle = globalThis.crypto?.subtle } = {}) {
  const sha256 = hex(new Uint8Array(await subtle.digest("SHA-256", bytes)));
  const size = bytes.byteLength;
  const blob = await store.seal("blobs", { sha256, bytes });
  await store.write(["media", "blobs"], async (tx) => {
    /** @type {Gandan.Media | undefined} */
    const known = await tx.objectStore("media").get(sha256);
    await tx.objectStore("media").put({ records: [], ...known, sha256, size, added_at: now() });
    await tx.objectStore("blobs").put(blob);
  });
  return { sha256, size };
}

/**
 * What is on this phone of a photo, or null when the browser has lost it: the row, or the file of its own in which it keeps
 * what is large (Chromium then says that it cannot be read, and never will be).
 * @param {Gandan.Store} store @param {Pick<Gandan.Media, "sha256" | "size">} row @returns {Promise<ArrayBuffer | null>}
 */
export async function bytesOf(store, { sha256, size }) {
  try {
    const { bytes = null } = (await store.get("blobs", sha256)) ?? {};
    return bytes?.byteLength === size ? bytes : null;
  } catch (error) {
    if (["NotReadableError", "DataError"].includes(/** @type {any} */ (error)?.name)) return null;
    throw error;
  }
}

/** @param {Gandan.Store} store @param {string} sha256 @returns {Promise<Blob | null>} a photo that is on this phone */
export async function photoOf(store, sha256) {
  const row = await store.get("blobs", sha256);
  return row ? new Blob([row.bytes], { type: "image/jpeg" }) : null;
}

/**
 * Which rows of `media` change when the newest saved revision of an entry names these photos.
 * @param {Gandan.Media[]} rows @param {string} recordId @param {{sha256: string}[]} photos
 * @param {boolean} beside it is a second version: those of the first are needed until its author has chosen
 * @returns {Gandan.Media[]}
 */
export function referred(rows, recordId, photos, beside) {
  const named = new Set(photos.map((photo) => photo.sha256));
  return rows.flatMap((row) => {
    const others = row.records.filter((id) => id !== recordId);
    const records = named.has(row.sha256) ? [...others, recordId] : beside ? row.records : others;
    return records.length === row.records.length ? [] : [{ ...row, records }];
  });
}

/** A photo of a saved entry that the server does not have. @param {Gandan.Media} row */
export const isOwed = (row) => row.records.length > 0 && !row.complete_at;

/** Photos of saved entries that the server does not have. @param {Gandan.Store} store @returns {Promise<Gandan.Media[]>} */
export async function owedPhotos(store) {
  const rows = /** @type {Gandan.Media[]} */ (await store.all("media"));
  return rows.filter(isOwed).sort((a, b) => a.added_at - b.added_at);
}

/**
 * What nothing on this phone needs any more. One that waits for its save is young; one that is named waits for the
 * server to have it, and for the answer to every entry that names it.
 * @param {Gandan.Transaction} tx @param {number} now @returns {Promise<string[]>}
 */
async function needless(tx, now) {
  const drafts = /** @type {Gandan.Draft[]} */ (await tx.objectStore("drafts").getAll());
  const typed = new Set(drafts.flatMap((draft) => draft.photos ?? []));
  const found = [];
  for (const row of /** @type {Gandan.Media[]} */ (await tx.objectStore("media").getAll())) {
    const young = !row.complete_at && Math.abs(now - row.added_at) < DAY;
    if (typed.has(row.sha256) || isOwed(row) || (young && !row.records.length)) continue;
    const open = await Promise.all(
      row.records.map(async (id) => {
        if (await tx.objectStore("outbox").index("record_id").count(id)) return true;
        const sent = /** @type {Gandan.SentRow[]} */ (
          await tx.objectStore("sent").index("record_id").getAll(id)
        );
        return sent.some((one) => one.outcome === "quarantined" && !one.fate);
      }),
    );
    if (!open.includes(true)) found.push(row.sha256);
  }
  return found;
}

/** @param {Gandan.Store} store @param {number} now @returns {Promise<string[]>} what was removed */
export async function forgetPhotos(store, now) {
  /** @type {Gandan.StoreName[]} */
  const names = ["media", "blobs", "drafts", "outbox", "sent"];
  if (!(await store.read(names, (tx) => needless(tx, now))).length) return [];
  return store.write(names, async (tx) => {
    const gone = await needless(tx, now);
    for (const sha256 of gone) {
      await tx.objectStore("media").delete(sha256);
      await tx.objectStore("blobs").delete(sha256);
    }
    return gone;
  });
}

/** @typedef {{status: number, offset: number, complete: boolean}} Told */

/** What the server says of an upload; anything else is for `call` to judge. @param {Response} response @returns {Told | null} */
function told(response) {
  const offset = response.headers.get("Upload-Offset");
  if (offset === null || !(response.ok || [409, 422].includes(response.status))) return null;
  const complete = response.headers.get("Upload-Complete") === "?1";
  return { status: response.status, offset: Number(offset), complete };
}

/**
 * Send the photos of entries that were answered for. One never tried costs one round trip; after a cut it goes on
 * where the server stands, in smaller pieces. `insist`: also those the server has refused again and again. It stops between pieces when `pressing` says that something else is.
 * @param {{
 *   store: Gandan.Store, device: string, fetch: Gandan.Fetch, online: () => boolean, timeout: number,
 *   insist?: boolean, now: () => number, pressing: () => Promise<boolean>, sent: () => void, slow?: () => boolean,
 * }} sources
 * @returns {Promise<Gandan.Problem | null>} why some stay, if it is not the network
 */
export async function sendPhotos({
  store,
  device,
  insist = false,
  pressing,
  sent,
  now,
  slow = isSlow,
  ...line
}) {
  /** @type {Gandan.Problem | null} */
  let complaint = null;
  const before = (await store.meta("uploads")) ?? {};
  const failures = (/** @type {Gandan.Media} */ { sha256 }) => before[sha256]?.failures ?? 0;
  // One that does not get through must not stand in the way of the others.
  for (const row of (await owedPhotos(store)).sort((a, b) => failures(a) - failures(b))) {
    if (!(await isAnswered(store, row)) || (await pressing())) continue;
    if ((before[row.sha256]?.refusals ?? 0) >= REFUSALS && !insist) {
      complaint = problem("photo_refused");
      continue;
    }
    const done = await sendOne(row, await bytesOf(store, row)).catch(async (error) => {
      await count(row.sha256, "failures");
      throw error;
    });
    if (done === "complete") {
      await end(row.sha256, { complete_at: new Date(now()).toISOString() });
      sent();
    } else if (done !== "later") complaint = problem(done);
    if (done === "photo_refused") await count(row.sha256, "refusals");
  }
  return complaint;

  /** @param {string} sha256 @param {"failures" | "refusals"} what */
  async function count(sha256, what) {
    const at = (await store.meta("uploads"))?.[sha256];
    if (at) await remember(sha256, { ...at, [what]: (at[what] ?? 0) + 1 });
  }

  /** @param {Gandan.Media} row @param {ArrayBuffer | null} bytes @returns {Promise<"complete" | "later" | "photo_refused" | "photo_missing" | "photos_waiting">} */
  async function sendOne({ sha256, size }, bytes) {
    const address = `/sync/media/${sha256}`;
    /** @type {Gandan.Upload} */
    let at = (await store.meta("uploads"))?.[sha256] ?? { offset: 0, piece: slow() ? LARGEST : size };
    for (let turns = 0; turns < TURNS; ) {
      if (at.offset === null || !bytes) {
        const known = await call({ ...line }, address, { method: "HEAD", read: told });
        if (known.complete) return "complete";
        at = await remember(sha256, { ...at, offset: known.offset });
      }
      const offset = at.offset ?? 0;
      if (!bytes) {
        await store.note("photo_missing", { sha256 });
        return "photo_missing";
      }
      await remember(sha256, { ...at, offset: null }); // until the answer is here, nobody knows
      let answer;
      try {
        answer = await call({ ...line, timeout: line.timeout * 2 }, address, {
          method: "PATCH",
          body: bytes.slice(offset, offset + at.piece),
          headers: {
            "Content-Type": "application/partial-upload",
            "Gandan-Device": device,
            "Upload-Offset": String(offset),
            "Upload-Length": String(size),
          },
          read: told,
        });
      } catch (error) {
        const { code } = /** @type {import("./transport.js").Fault} */ (error);
        const piece = Math.max(SMALLEST, Math.min(LARGEST, at.piece >> 1));
        at = await remember(sha256, { ...at, offset: null, piece });
        if (code === "photos_waiting") return code;
        if (code === "too_large" || code === "unreadable_request") return "photo_refused";
        throw error;
      }
      if (answer.complete) return "complete";
      const taken = answer.status < 300 && answer.offset > offset;
      if (!taken) turns += answer.status === 422 ? 2 : 1;
      at = await remember(sha256, {
        ...at,
        ...(taken && { failures: 0 }),
        offset: answer.offset,
        piece: Math.min(size, taken ? at.piece * 2 : at.piece),
      });
      if (answer.status >= 300) await store.note("photo", { status: answer.status, offset: answer.offset });
      if (await pressing()) return "later";
    }
    return "photo_refused";
  }

  /** @param {string} sha256 @param {Gandan.Upload} at */
  async function remember(sha256, at) {
    await store.setMeta({ uploads: { ...(await store.meta("uploads")), [sha256]: at } });
    return at;
  }

  /** @param {string} sha256 @param {Partial<Gandan.Media>} change */
  async function end(sha256, change) {
    await store.write(["media", "meta"], async (tx) => {
      const row = await tx.objectStore("media").get(sha256);
      if (row) await tx.objectStore("media").put({ ...row, ...change });
      const uploads = { ...(await tx.objectStore("meta").get("uploads"))?.value };
      delete uploads[sha256];
      await tx.objectStore("meta").put({ key: "uploads", value: uploads });
    });
  }
}

/** The entry goes first: one that names the photo has been answered for. @param {Gandan.Store} store @param {Gandan.Media} row */
const isAnswered = (store, row) =>
  store.read(["outbox"], async (tx) => {
    const outbox = tx.objectStore("outbox").index("record_id");
    const waiting = await Promise.all(row.records.map((id) => outbox.count(id)));
    return waiting.includes(0);
  });

/** Whether this is a line on which a whole photo at once would often be cut; not every browser says. */
const isSlow = () =>
  ["slow-2g", "2g"].includes(/** @type {any} */ (globalThis.navigator)?.connection?.effectiveType) ||
  Boolean(/** @type {any} */ (globalThis.navigator)?.connection?.saveData);
