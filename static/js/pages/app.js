// What every page of the notebook begins with: who is here, their notebook, the sending, the line that tells of it.
import { t } from "../messages.js";
import { startConnection } from "../offline/connection.js";
import { openStore } from "../offline/database.js";
import { problem } from "../offline/problems.js";
import * as session from "../offline/session.js";
import { storageAnswer } from "../offline/storage.js";
import { createSync } from "../offline/sync.js";
import { createUpdates } from "../offline/update.js";
import { byId, fill } from "../ui/fill.js";
import { isTroubled } from "../ui/first_hour.js";
import { wireStatusLine } from "../ui/status_line.js";

/**
 * @typedef {object} App
 * @property {Gandan.Person} person
 * @property {Gandan.Store} store
 * @property {Gandan.Sync} sync
 * @property {() => void} saved something was saved: send when possible
 */

/** @param {string} id @param {Record<string, any>} [data] */
function showInstead(id, data = {}) {
  byId("notebook").hidden = true;
  const notice = byId(id);
  fill(notice, data);
  notice.hidden = false;
}

/** The notebook could not be opened: say so instead of the page. @param {unknown} error */
export function showTrouble(error) {
  const { message, action } = problem(/** @type {any} */ (error)?.code ?? "unavailable");
  showInstead("store-trouble", { text: message, action });
}

/** @returns {Promise<{person: Gandan.Person | null, problem: Gandan.Problem | null}>} */
async function whoIsHere() {
  const person = await session.current();
  // The first time, and after signing in as somebody else, the server must say who this is.
  if (person && !location.search.includes("signed_in")) return { person, problem: null };
  return session.provision();
}

/**
 * @param {{isBusy?: () => boolean}} [page] `isBusy`: a form is open, an update must wait
 * @returns {Promise<App | null>} null when the page cannot work here; the reason is shown
 */
export async function begin({ isBusy = () => false } = {}) {
  if (isTroubled()) return null;
  const updates = createUpdates({ isBusy });
  try {
    const { person, problem: why } = await whoIsHere();
    if (!person) {
      showInstead("sign-in-needed", {
        ...(why && why.code !== "sign_in_required" ? { text: why.message } : {}),
        next: location.pathname + location.search,
      });
      offerUpdates(updates);
      return null;
    }
    const store = await openStore(person.id);
    const sync = createSync({ store, storage: () => storageAnswer() });
    const connection = startConnection(sync);
    wireStatusLine(sync, connection.sendNow);
    offerUpdates(updates);
    watchPerson(sync);
    return { person, store, sync, saved: connection.saved };
  } catch (error) {
    showTrouble(error);
    if (!(/** @type {any} */ (error)?.code)) throw error;
    return null;
  }
}

/**
 * Once, with signal: ask who is signed in, so that a new sign-in on this phone opens the right notebook.
 * @param {Gandan.Sync} sync
 */
async function watchPerson(sync) {
  const { problem: why, changed } = await session
    .provision()
    .catch(() => ({ problem: null, changed: false }));
  if (changed) location.reload();
  else if (!why && sync.state().problem?.code === "sign_in_required") await sync.run("session");
}

/** @param {ReturnType<typeof createUpdates>} updates */
function offerUpdates(updates) {
  const offer = document.getElementById("update-offer");
  const button = offer?.querySelector("button");
  updates.subscribe((waiting) => {
    if (offer) offer.hidden = !waiting;
  });
  button?.addEventListener("click", () => {
    if (!updates.apply())
      fill(/** @type {HTMLElement} */ (offer), { text: t("Lưu phiếu đang ghi rồi hãy cập nhật.") });
  });
  const start = () => updates.start().catch(() => {});
  if (document.readyState === "complete") start();
  else addEventListener("load", start, { once: true });
}

/**
 * Everything the views are made of, read at one moment.
 * @param {Gandan.Store} store
 */
export async function readRows(store) {
  const [records, sent, outbox, drafts, units] = await Promise.all([
    store.all("records"),
    store.all("sent"),
    store.all("outbox"),
    store.all("drafts"),
    store.all("units"),
  ]);
  return { records, sent, outbox, drafts, units: /** @type {Gandan.Unit[]} */ (units) };
}

/**
 * Show a page, and again whenever something changed on the phone.
 * @param {Gandan.Store} store @param {() => Promise<void>} show
 */
export async function keepShown(store, show) {
  let running = false;
  let again = false;
  const run = async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await show();
    }
    running = false;
  };
  store.watch(run);
  await run();
  byId("notebook").setAttribute("aria-busy", "false");
}
