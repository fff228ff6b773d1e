// What every page of the notebook begins with: who is here and their notebook. It runs before the page is whole, for the
// disk can be waited for meanwhile. The exchange with the server comes after the page can be used (exchange.js,
// updates.js): on a slow phone that is a second sooner.
import { openStore, registry } from "../offline/database.js";
import { problem } from "../offline/problems.js";
import { provision } from "../offline/session.js";
import { byId, fill } from "../ui/fill.js";
import { isTroubled, troubleHere } from "../ui/first_hour.js";

/**
 * @typedef {object} App
 * @property {Gandan.Person} person
 * @property {Gandan.Store} store
 * @property {() => Promise<Rows>} rows everything the views are made of, read at one moment
 * @property {Promise<import("./exchange.js").Exchange>} exchange comes when the page can be used
 * @property {(reason?: "save" | "urgent") => void} saved something was saved: send when possible
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
  isUsable(); // what waits must be sent all the same
  const { message, action } = problem(/** @type {any} */ (error)?.code ?? "unavailable");
  showInstead("store-trouble", { text: message, action });
}

/**
 * @typedef {{person: Gandan.Person, store: Gandan.Store, first: Promise<Rows>, rows: () => Promise<Rows>}} Notebook
 * `first`: what was read when it was opened
 */

/** @param {Gandan.Person} person @returns {Promise<Notebook>} */
async function notebookOf(person) {
  const store = await openStore(person.id);
  const first = readRows(store);
  first.catch(() => {}); // told to whoever reads them
  /** @type {Promise<Rows> | null} */
  let fresh = first;
  store.watch(() => (fresh = null));
  const rows = () => {
    const known = fresh;
    fresh = null;
    return known ?? readRows(store);
  };
  return { person, store, first, rows };
}

/** The notebook of whoever was here last, as the phone knows it. @returns {Promise<Notebook | null>} */
async function lastNotebook() {
  const person = await registry.current();
  return person && notebookOf(person);
}

/** @param {Gandan.Person | null} person @returns {Promise<{person: Gandan.Person | null, problem: Gandan.Problem | null, provisioned: boolean}>} */
async function whoIsHere(person) {
  // The first time, and after signing in as somebody else, the server must say who this is.
  const signedIn = new URLSearchParams(location.search).get("signed_in");
  if (person && signedIn === null) return { person, problem: null, provisioned: false };
  const answer = await provision({ first: true, signedIn: signedIn ?? "" });
  if (!answer.problem) {
    const address = new URL(location.href);
    address.searchParams.delete("signed_in");
    history.replaceState(history.state, "", address);
  }
  return { ...answer, provisioned: true };
}

/** All elements are there. */
const parsed = () =>
  document.readyState === "loading"
    ? new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }))
    : undefined;

/** @type {(value?: unknown) => void} */
let tellUsable = () => {};
const usable = new Promise((resolve) => {
  tellUsable = resolve;
});

/** The page can be used: what it did not need for that may now be fetched, read and run. */
export const isUsable = () => tellUsable();

/** On the first visit the next page may be one tap away: what is fetched for later lets it go first. */
const BREATH = 1500;
const settled = usable.then(() => new Promise((resolve) => setTimeout(resolve, BREATH)));

/**
 * @param {{isBusy?: () => boolean}} [page] `isBusy`: a form is open, an update must wait
 * @returns {Promise<App | null>} null when the page cannot work here; the reason is shown
 */
export async function begin({ isBusy = () => false } = {}) {
  const trouble = troubleHere();
  const opening = trouble ? Promise.resolve(null) : lastNotebook();
  opening.catch(() => {}); // waited for below
  await parsed();
  if (isTroubled(trouble)) return null;
  const controlled = Boolean(navigator.serviceWorker?.controller);
  const calm = controlled ? usable : settled;
  calm.then(() => import("./updates.js")).then(({ offerUpdates }) => offerUpdates(isBusy));
  try {
    const last = await opening;
    const { person, problem: why, provisioned } = await whoIsHere(last?.person ?? null);
    if (provisioned) last?.store.close(); // it may be another's, and is older than what was just provided
    if (!person) {
      isUsable();
      showInstead("sign-in-needed", {
        ...(why && why.code !== "sign_in_required" ? { text: why.message } : {}),
        next: location.pathname + location.search,
      });
      return null;
    }
    const { store, first, rows } = last && !provisioned ? last : await notebookOf(person);
    // A phone without groups needs the server before anything else; any other opens from what it holds.
    const begun = (await first).units.length ? calm : Promise.resolve();
    const exchange = begun.then(async () =>
      (await import("./exchange.js")).startExchange(store, provisioned && !why),
    );
    exchange.then(({ opened }) => opened).finally(isUsable); // also where there are no groups at all
    return { person, store, rows, exchange, saved: async (reason) => (await exchange).saved(reason) };
  } catch (error) {
    showTrouble(error);
    if (!(/** @type {any} */ (error)?.code)) throw error;
    return null;
  }
}

/** @typedef {Awaited<ReturnType<typeof readRows>>} Rows */

/** @param {Gandan.Store} store */
async function readRows(store) {
  const [records, sent, outbox, drafts, units, kept, told, pack, pulled] = await Promise.all([
    store.all("records"),
    store.all("sent"),
    store.all("outbox"),
    store.all("drafts"),
    store.all("units"),
    store.get("meta", "quarantine"),
    store.get("meta", "calendar"),
    store.get("meta", "bulletins"),
    store.get("meta", "last_pull"),
  ]);
  const quarantine = /** @type {Gandan.Held[]} */ (kept?.list ?? []);
  const calendar = /** @type {Gandan.Calendar | null} */ (told?.told ?? null);
  const bulletins = /** @type {Gandan.BulletinItem[]} */ (pack?.list ?? []);
  const known = /** @type {Gandan.Unit[]} */ (units);
  // Until the first load is whole, a meeting that was held may only not have come yet.
  const loaded = Boolean(pulled);
  return { records, sent, outbox, drafts, units: known, quarantine, calendar, bulletins, loaded };
}

/**
 * On the very first visit the groups come a moment after the page. Whoever follows none any more may still finish
 * what they began.
 * @param {App} app
 */
export async function rowsWithGroups({ store, rows: read }) {
  for (;;) {
    /** @type {() => void} */
    let stop = () => {};
    const changed = new Promise((resolve) => {
      stop = store.watch(() => resolve(undefined));
    });
    const rows = await read();
    const enough = rows.units.length || (rows.loaded && rows.drafts.length);
    if (!enough) await changed;
    stop();
    if (enough) return rows;
  }
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
 * @returns {Promise<() => Promise<void>>} shows it again
 */
export async function keepShown(store, show) {
  const page = byId("notebook");
  let shown = false;
  const run = oneAtATime(
    async () => {
      await show();
      if (await store.count("units")) isUsable();
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
  return run;
}
