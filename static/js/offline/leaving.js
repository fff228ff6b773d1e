// Leaving this phone, and what is only here of whoever left.
import { lostPhotos } from "./lost_photos.js";
import { owedPhotos } from "./media.js";
import { entriesIn, unacknowledged } from "./outbox.js";
import { problem } from "./problems.js";
import { complete } from "./session.js";

/**
 * How much of somebody is only on this phone: what they were writing when another took it over would else wait unseen.
 * @param {string} id @param {import("./session.js").Sources} [sources] @returns {Promise<{entries: number, photos: number}>}
 */
export async function unsentOf(id, sources = {}) {
  const store = await complete(sources).open(id);
  try {
    const { rows } = await unacknowledged(store);
    return { entries: entriesIn(rows), photos: (await owedPhotos(store)).length };
  } finally {
    store.close();
  }
}

/**
 * Leave this phone; refused while anything of this person is not safe on the server.
 * @param {Gandan.Store} store
 * @param {import("./session.js").Sources} [sources]
 * @returns {Promise<{ok: boolean, problem: Gandan.Problem | null}>}
 */
export async function signOut(store, sources = {}) {
  const { fetch, timeout, registry } = complete(sources);
  if (await store.count("outbox")) return { ok: false, problem: problem("unsent") };
  const owed = await owedPhotos(store);
  if (owed.length) {
    const none = (await lostPhotos(store)).length === owed.length;
    return { ok: false, problem: problem(none ? "photo_missing" : "unsent_photos") };
  }
  if (await store.count("drafts")) return { ok: false, problem: problem("drafts") };
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  try {
    const { ok, type } = await fetch("/sign-out", {
      method: "POST",
      credentials: "same-origin",
      redirect: "manual", // to the sign-in page, which is of no use here
      signal: abort.signal,
    });
    if (!ok && type !== "opaqueredirect") return { ok: false, problem: problem("sign_out") };
  } catch {
    return { ok: false, problem: problem("sign_out") };
  } finally {
    clearTimeout(timer);
  }
  await registry.setCurrent(null);
  return { ok: true, problem: null };
}
