// What every page of the notebook begins with: who is here, their notebook, the sending, the line that tells of it.
import { t } from "../messages.js";
import { startConnection } from "../offline/connection.js";
import { openStore } from "../offline/database.js";
import { problem } from "../offline/problems.js";
import { watchRescueKey } from "../offline/rescue.js";
import * as session from "../offline/session.js";
import { storageAnswer } from "../offline/storage.js";
import { createSync } from "../offline/sync.js";
import { createUpdates } from "../offline/update.js";
import { byId, fill } from "../ui/fill.js";
import { isTroubled } from "../ui/first_hour.js";
import { wireStatusLine } from "../ui/status_line.js";
import { toast } from "../ui/toast.js";

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
  offerUpdates(createUpdates({ isBusy }), isBusy);
  try {
    const { person, problem: why } = await whoIsHere();
    if (!person) {
      showInstead("sign-in-needed", {
        ...(why && why.code !== "sign_in_required" ? { text: why.message } : {}),
        next: location.pathname + location.search,
      });
      return null;
    }
    const store = await openStore(person.id);
    const sync = createSync({ store, storage: () => storageAnswer() });
    const connection = startConnection(sync);
    wireStatusLine(sync, connection.sendNow);
    watchPerson(sync, connection.opened);
    watchRescueKey(store, sync);
    return { person, store, sync, saved: connection.saved };
  } catch (error) {
    showTrouble(error);
    if (!(/** @type {any} */ (error)?.code)) throw error;
    return null;
  }
}

/**
 * Once, with signal: ask who is signed in, so that a new sign-in on this phone opens the right notebook.
 * @param {Gandan.Sync} sync @param {Promise<unknown>} opened the page's own first exchange
 */
export async function watchPerson(
  sync,
  opened,
  provision = session.provision,
  reload = () => location.reload(),
) {
  const { problem: why, changed } = await provision().catch(() => ({ problem: true, changed: false }));
  if (changed) return reload();
  await opened; // it may have failed for want of what was just provided
  if (!why && ["sign_in_required", "wrong_person"].includes(sync.state().problem?.code ?? ""))
    await sync.run("session");
}

/** @param {Gandan.Updates} updates @param {() => boolean} isBusy */
function offerUpdates(updates, isBusy) {
  const offer = document.getElementById("update-offer");
  updates.subscribe((waiting) => {
    if (offer) offer.hidden = !waiting;
  });
  document.addEventListener("click", async (event) => {
    const button = /** @type {Element} */ (event.target).closest?.("[data-update], [data-reload]");
    if (!button) return;
    if (button.hasAttribute("data-reload")) {
      if (!isBusy() || button.hasAttribute("data-sure")) return location.reload();
      button.setAttribute("data-sure", "");
      return toast(t("Chép lại điều chưa lưu trước, rồi bấm lần nữa."));
    }
    const found = await updates.seek();
    if (found === "busy") toast(t("Lưu phiếu đang ghi rồi hãy cập nhật."));
    if (found === "none") toast(t("Đây là bản Gần Dân mới nhất lấy được lúc này."));
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
  const [records, sent, outbox, drafts, units, kept] = await Promise.all([
    store.all("records"),
    store.all("sent"),
    store.all("outbox"),
    store.all("drafts"),
    store.all("units"),
    store.get("meta", "quarantine"),
  ]);
  const quarantine = /** @type {Gandan.Held[]} */ (kept?.list ?? []);
  return { records, sent, outbox, drafts, units: /** @type {Gandan.Unit[]} */ (units), quarantine };
}

/**
 * One at a time, and once more if asked meanwhile. One that failed must not stop those that come after it.
 * @param {() => Promise<void>} work @param {(error: unknown) => void} failed
 */
export function oneAtATime(work, failed) {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      try {
        await work();
      } catch (error) {
        failed(error);
      }
    }
    running = false;
  };
}

/**
 * Show a page, and again whenever something changed on the phone.
 * @param {Gandan.Store} store @param {() => Promise<void>} show
 */
export async function keepShown(store, show) {
  const page = byId("notebook");
  let shown = false;
  const run = oneAtATime(
    async () => {
      await show();
      shown = true;
      page.hidden = false;
      byId("store-trouble").hidden = true;
    },
    (error) => {
      reportError(error);
      store.note("show_failed", {
        code: /** @type {any} */ (error)?.code ?? /** @type {any} */ (error)?.name,
      });
      // What stands on the screen was true; nothing at all, or half of it, is not.
      if (!shown) showTrouble(error);
    },
  );
  store.watch(run);
  await run();
  page.setAttribute("aria-busy", "false");
}
