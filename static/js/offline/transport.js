// One request to the server and the plain truth of what became of it.
import { isKnown } from "./problems.js";

/** The newest version this phone speaks; a server answers in the version asked. */
export const PROTOCOL = 2;

/** A request that brought no usable answer; `code` is known to problems.js. */
export class Fault extends Error {
  /** @param {string} code @param {{retryAfter?: number, cause?: unknown}} [more] */
  constructor(code, { retryAfter = 0, cause } = {}) {
    super(code, { cause });
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** @type {Record<number, string>} */
const STATUSES = {
  400: "unreadable_request",
  401: "sign_in_required",
  403: "cross_site",
  409: "upgrade_required",
  413: "too_large",
  429: "overloaded",
  503: "overloaded",
};

/** What a gateway before the server answers when that is away, when it is asked too much, or too much at a time. */
/** @type {Record<number, string>} */
const GATEWAY = {
  413: "too_large",
  429: "overloaded",
  502: "overloaded",
  503: "overloaded",
  504: "overloaded",
};

/** @param {Uint8Array} bytes */
export const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (sign) => ({ "+": "-", "/": "_" })[sign] ?? "");

/** @param {string} text */
const unbase64url = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

/** HMAC-SHA256 keyed with the device secret. @param {string} secret @param {SubtleCrypto | undefined} subtle */
export async function signer(secret, subtle) {
  if (!subtle) throw new Fault("insecure");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await subtle.importKey("raw", unbase64url(secret), algorithm, false, ["sign"]);
  return async (/** @type {string} */ text) =>
    base64url(new Uint8Array(await subtle.sign("HMAC", key, new TextEncoder().encode(text))));
}

/** @param {string} text @returns {Promise<ArrayBuffer>} */
const gzip = (text) =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();

/**
 * @param {{fetch: Gandan.Fetch, online: () => boolean, timeout: number}} sources
 * @param {string} address
 * @param {{json?: object, plain?: boolean, method?: string, body?: BodyInit, headers?: Record<string, string>,
 *   read?: (response: Response) => any}} [request] with `json` it is a POST; `plain` leaves out compression; `read`
 *   may take an answer of our server, good or bad, for what it is
 * @returns {Promise<any>} what `read` made of the answer, else its JSON
 */
export async function call(
  { fetch, online, timeout },
  address,
  { json, plain, method, body, headers, read } = {},
) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  try {
    /** @type {RequestInit} */
    const init = { credentials: "same-origin", redirect: "manual", signal: abort.signal };
    // Said of what a cache could answer only: to say it costs two headers.
    if (!json && !method) init.cache = "no-store";
    if (method) Object.assign(init, { method }, body && { body }, headers && { headers });
    if (json) {
      const text = JSON.stringify(json);
      const small = plain || text.length < 1024 || typeof CompressionStream === "undefined";
      init.method = "POST";
      init.body = small ? text : await gzip(text);
      init.headers = { "Content-Type": "application/json", ...(small ? {} : { "Content-Encoding": "gzip" }) };
    }
    const response = await fetch(address, init);
    // The header says that it is our server, and the newest version it speaks: a newer server still answers in ours.
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    if (!response.headers.has("Gandan-Protocol"))
      throw new Fault(GATEWAY[response.status] ?? "captive_portal", { retryAfter });
    const taken = read?.(response);
    if (taken) return taken;
    if (response.ok) return await response.json();
    const { error = {} } = await response.json().catch(() => ({}));
    const code = STATUSES[response.status] ?? "server_error";
    throw new Fault(isKnown(error.code) ? error.code : code, { retryAfter });
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault(online() ? "unreachable" : "offline", { cause });
  } finally {
    clearTimeout(timer);
  }
}
