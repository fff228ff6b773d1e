// Keeps the app's files so that it opens without a network, and changes to a new version as a whole.
// It answers no POST and holds no data: saving and sending are the pages' work.
// The server puts `self.PRECACHE` before the first line.

/** @typedef {{version: string, build: string, language: string, shells: string[], assets: Record<string, string>}} Precache */

const worker = /** @type {ServiceWorkerGlobalScope & {PRECACHE: Precache}} */ (/** @type {unknown} */ (self));
const { version, build, language, shells, assets } = worker.PRECACHE;
const PREFIX = "gandan-";
const CACHE = PREFIX + version;

/** A copy that belongs to no address of its own. @param {Response} response @param {BodyInit} body */
function copy(response, body) {
  const headers = new Headers(response.headers);
  for (const name of ["Vary", "Content-Encoding", "Content-Length"]) headers.delete(name);
  return new Response(body, { headers });
}

/** @param {ArrayBuffer} bytes */
async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} address @param {RequestInit} options */
async function get(address, options) {
  const response = await fetch(address, { redirect: "error", ...options });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response;
}

/** What earlier versions hold, by content. @returns {Promise<Map<string, () => Response>>} */
async function known() {
  const found = new Map();
  for (const name of (await caches.keys()).filter((name) => name.startsWith(PREFIX))) {
    for (const response of await (await caches.open(name)).matchAll()) {
      const bytes = await response.arrayBuffer();
      found.set(await sha256(bytes), () => copy(response, bytes));
    }
  }
  return found;
}

async function install() {
  const reusable = await known();
  const cache = await caches.open(CACHE);
  const files = Object.entries(assets).map(async ([address, hash]) => {
    const old = reusable.get(hash);
    if (old) return cache.put(address, old());
    const response = await get(address, {});
    const bytes = await response.clone().arrayBuffer();
    // A portal's page or half a file must not become the app.
    if ((await sha256(bytes)) !== hash) throw new Error(`${address}: not what was announced`);
    // As it came, for a browser keeps a script compiled only if it is put here like this.
    return cache.put(address, response);
  });
  const pages = shells.map(async (path) => {
    const query = language === "vi" ? "" : `?lang=${language}`;
    const response = await get(path + query, { credentials: "omit", cache: "no-cache" });
    const text = await response.text();
    // A page of another build would ask for files that are not kept.
    if (!text.includes(`/assets/${build}/`)) throw new Error(`${path}: of another build`);
    return cache.put(path, copy(response, text));
  });
  try {
    await Promise.all([...files, ...pages]);
  } catch (error) {
    await Promise.allSettled([...files, ...pages]);
    await caches.delete(CACHE);
    throw error;
  }
}

async function activate() {
  if (worker.registration.installing) return; // its half-filled cache is none of the old ones
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** @param {Request} request @param {string} key */
async function answer(request, key) {
  const kept = await (await caches.open(CACHE)).match(key, { ignoreVary: true });
  return kept ?? fetch(request);
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const shell = request.mode === "navigate" && shells.includes(pathname);
  if (shell || pathname in assets) event.respondWith(answer(request, pathname));
});

worker.addEventListener("message", (event) => {
  if (event.data === "skipWaiting") worker.skipWaiting();
});

// Background Sync is a bonus: an open page does the sending.
worker.addEventListener("sync", (/** @type {any} */ event) => {
  event.waitUntil(
    worker.clients.matchAll().then((clients) => {
      for (const client of clients) client.postMessage({ type: "sync" });
    }),
  );
});
