// The rescue file: what waits here, sealed so that only the server can read it (docs/sync-protocol.md, section 8).
import { entriesIn, freeze, unacknowledged } from "./outbox.js";
import { base64url, call, Fault, signer } from "./transport.js";

const FRESH = 7 * 86_400_000;
const CHUNK = 24_576; // a multiple of three, so that the pieces' letters can be put side by side
const CURVE = { name: "ECDH", namedCurve: "P-256" };

/** @typedef {{kid: string, public_key: JsonWebKey, kept_at: number}} RescueKey */

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);

/**
 * Keep the server's public key, long before it is needed: when there is none here yet, and anew once a week.
 * @param {Gandan.Store} store
 * @param {{fetch?: Gandan.Fetch, online?: () => boolean, timeout?: number, now?: () => number}} [sources]
 */
export async function keepRescueKey(
  store,
  {
    fetch = (input, init) => globalThis.fetch(input, init),
    online = () => globalThis.navigator?.onLine !== false,
    timeout = 30_000,
    now = Date.now,
  } = {},
) {
  const kept = /** @type {RescueKey | undefined} */ (await store.meta("rescue_key"));
  const age = now() - (kept?.kept_at ?? 0);
  if (kept && age >= 0 && age < FRESH) return;
  try {
    const { kid, public_key } = await call({ fetch, online, timeout }, "/sync/rescue-key");
    if (kid && public_key) await store.setMeta({ rescue_key: { kid, public_key, kept_at: now() } });
  } catch (error) {
    if (!(error instanceof Fault)) throw error; // no answer: the next contact is another chance
  }
}

/**
 * Ask for the key whenever the server has just been heard, until it is here.
 * @param {Gandan.Store} store @param {Gandan.Sync} sync
 * @param {(store: Gandan.Store) => Promise<void>} [keep]
 */
export function watchRescueKey(store, sync, keep = keepRescueKey) {
  /** @type {string | null | undefined} */
  let heard;
  return sync.subscribe(({ lastContact }) => {
    if (lastContact === heard) return;
    heard = lastContact;
    keep(store).catch(() => {});
  });
}

/**
 * Seal everything that waits. The rows are frozen by it and stay: they leave only against a receipt.
 * @param {Gandan.Store} store
 * @param {{crypto?: Crypto, now?: () => number}} [sources]
 * @returns {Promise<{bytes: Uint8Array<ArrayBuffer>, name: string, count: number}>}
 * @throws {Fault} `no_rescue_key`, `sign_in_required` or `insecure`
 */
export async function makeRescueFile(store, { crypto = globalThis.crypto, now = Date.now } = {}) {
  const subtle = crypto?.subtle;
  if (!subtle) throw new Fault("insecure");
  const key = /** @type {RescueKey | undefined} */ (await store.meta("rescue_key"));
  if (!key) throw new Fault("no_rescue_key");
  const session = /** @type {Gandan.Session | undefined} */ (await store.get("meta", "session"));
  if (!session?.secret) throw new Fault("sign_in_required");
  const rows = await freezeAll(store, session, subtle);
  const made = new Date(now());
  const content = JSON.stringify({
    officer: store.officerId,
    device: session.device,
    made_at: made.toISOString(),
    operations: rows.map(({ text, mac }) => ({ op: text, mac })),
  });
  const file = await seal(await gzip(utf8(content)), key, crypto);
  return { bytes: utf8(JSON.stringify(file)), name: nameOf(made), count: entriesIn(rows) };
}

/**
 * What is edited while it is being frozen is read again.
 * @param {Gandan.Store} store @param {Gandan.Session} session @param {SubtleCrypto} subtle
 */
async function freezeAll(store, { device, secret }, subtle) {
  const sign = await signer(secret, subtle);
  for (;;) {
    const { rows } = await unacknowledged(store);
    const frozen = await freeze(store, rows, { device, sign });
    if (frozen.length === rows.length) return frozen;
  }
}

/** @param {Uint8Array<ArrayBuffer>} packed @param {RescueKey} key @param {Crypto} crypto */
async function seal(packed, { kid, public_key }, crypto) {
  const { subtle } = crypto;
  const server = await subtle.importKey("jwk", public_key, CURVE, false, []);
  const own = await subtle.generateKey(CURVE, true, ["deriveBits"]);
  const shared = await subtle.deriveBits({ name: "ECDH", public: server }, own.privateKey, 256);
  const secret = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const cipher = await subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8("gandan-rescue-1") },
    secret,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt"],
  );
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(kid) }, cipher, packed);
  const { kty, crv, x, y } = await subtle.exportKey("jwk", own.publicKey);
  return {
    gandan_rescue: 1,
    kid,
    ephemeral: { kty, crv, x, y },
    iv: base64url(iv),
    sealed: letters(new Uint8Array(sealed)),
  };
}

/** @param {Uint8Array} bytes more of them than a call may have arguments */
function letters(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK)
    text += base64url(bytes.subarray(start, start + CHUNK));
  return text;
}

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function gzip(bytes) {
  if (typeof CompressionStream === "undefined") return storedGzip(bytes);
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Gzip (RFC 1952) that packs nothing: old phones, which break first, cannot compress.
 * @param {Uint8Array<ArrayBuffer>} bytes @returns {Uint8Array<ArrayBuffer>}
 */
export function storedGzip(bytes) {
  const parts = [new Uint8Array([31, 139, 8, 0, 0, 0, 0, 0, 0, 255])];
  for (let start = 0; start === 0 || start < bytes.length; start += 65_535) {
    const piece = bytes.subarray(start, start + 65_535);
    const head = new DataView(new ArrayBuffer(5));
    head.setUint8(0, start + 65_535 >= bytes.length ? 1 : 0);
    head.setUint16(1, piece.length, true);
    head.setUint16(3, ~piece.length & 0xffff, true);
    parts.push(new Uint8Array(head.buffer), piece);
  }
  const tail = new DataView(new ArrayBuffer(8));
  tail.setUint32(0, checksum(bytes), true);
  tail.setUint32(4, bytes.length, true);
  parts.push(new Uint8Array(tail.buffer));
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** CRC-32. @param {Uint8Array} bytes */
function checksum(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** By the phone's own clock, as its owner reads it. @param {Date} made */
function nameOf(made) {
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  const day = `${made.getFullYear()}${two(made.getMonth() + 1)}${two(made.getDate())}`;
  return `gan-dan-du-phong-${day}-${two(made.getHours())}${two(made.getMinutes())}.gandan`;
}
