// Sends what waits and fetches what is new. "Synced" is never a flag: it is an empty outbox.
import { forgetPhotos, isOwed, sendPhotos } from "./media.js";
import { acknowledge, entriesIn, freeze, isUrgent, trimSent, unacknowledged } from "./outbox.js";
import { applyPage, driftFrom } from "./pages.js";
import { problem } from "./problems.js";
import { call, Fault, PROTOCOL, signer } from "./transport.js";

const BATCH = 50;
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const PULL_EVERY = 5 * MINUTE;
const REST = 30 * MINUTE;
const LONGEST = 15 * MINUTE;
/** A line that breaks after so long may be too slow for so much; one that breaks sooner is just broken. */
const SLOW = 5000;

/** What only a person can mend: nothing is tried until something new speaks for it. */
const HALTS = [
  "sign_in_required",
  "account_locked",
  "wrong_person",
  "cross_site",
  "upgrade_required",
  "insecure",
  "quarantine_full",
];
/** What may be said of one entry's words alone: by a fault of the server, or by a filter somewhere before it. */
const OF_ITS_WORDS = ["server_error", "captive_portal", "unreachable"];
/** How often that may be found in one run. */
const FINDINGS = 16;

/**
 * How hard to try; kept in the notebook, for every page of the app starts anew. `suspects` are records that alone did
 * not come through while other requests did: they go last, the one that was tried longest ago first.
 */
const CALM = { failures: 0, pauseUntil: 0, busyUntil: 0, limit: BATCH, plain: false, suspects: [""] };

/** Reasons that are worth a try although a pause is on. */
const PRESSING = ["open", "online", "button", "session", "urgent"];

/**
 * @param {{
 *   store: Gandan.Store, fetch?: Gandan.Fetch, now?: () => number, random?: () => number,
 *   locks?: Pick<LockManager, "request"> | null, online?: () => boolean, subtle?: SubtleCrypto,
 *   timeout?: number, storage?: () => Promise<Gandan.StorageAnswer>, rested?: () => void,
 * }} sources
 * @returns {Gandan.Sync}
 */
export function createSync({
  store,
  fetch = (input, init) => globalThis.fetch(input, init),
  now = Date.now,
  random = Math.random,
  locks = globalThis.navigator?.locks,
  online = () => globalThis.navigator?.onLine !== false,
  subtle = globalThis.crypto?.subtle,
  timeout = 30_000,
  storage,
  rested,
}) {
  /** @type {Gandan.SyncState} */
  let state = {
    unsent: 0,
    photos: { waiting: 0, sent: 0 },
    sending: false,
    lastContact: null,
    problem: null,
    storage: null,
  };
  /** @type {Set<(state: Gandan.SyncState) => void>} */
  const listeners = new Set();
  /** @type {Promise<void> | null} */
  let running = null;
  let again = false;
  let forced = false;
  let waiting = false;
  let pace = { ...CALM };

  /** Until the rows were counted nothing is told: that none waits is the one thing never to be said too early. */
  let counted = false;

  /** @param {Partial<Gandan.SyncState>} change */
  function show(change) {
    state = { ...state, ...change };
    if (counted || state.problem) for (const listener of listeners) listener(state);
  }

  async function refresh() {
    const [outbox, contact, media] = await store.read(["outbox", "meta", "media"], (tx) =>
      Promise.all([
        tx.objectStore("outbox").getAll(),
        tx.objectStore("meta").get("last_contact"),
        tx.objectStore("media").getAll(),
      ]),
    );
    const photos = { ...state.photos, waiting: media.filter(isOwed).length };
    counted = true;
    show({ unsent: entriesIn(outbox), photos, lastContact: contact?.value ?? null });
    return state;
  }
  const unwatch = store.watch(() => refresh().catch(() => {}));

  /** @param {string} address @param {{json?: object, plain?: boolean}} [request] */
  async function ask(address, request) {
    const asked = now();
    const answer = await call({ fetch, online, timeout }, address, request);
    const server = Date.parse(answer.server_time);
    /** @type {Record<string, any>} */
    const heard = { last_contact: new Date(now()).toISOString() };
    if (server) {
      heard.clock_offset = Math.round(server - (asked + now()) / 2);
      heard.server_time = server;
    }
    await store.setMeta(heard);
    return answer;
  }

  /** @param {Gandan.Row[]} rows @param {Set<string>} held */
  function choose(rows, held) {
    const seen = new Set(held);
    const first = rows.filter(({ record_id }) => !seen.has(record_id) && seen.add(record_id));
    const calm = first.filter(({ record_id }) => !pace.suspects.includes(record_id));
    const place = (/** @type {Gandan.Row} */ row) => pace.suspects.indexOf(row.record_id);
    const able = calm.length ? calm : first.sort((a, b) => place(a) - place(b)).slice(0, 1);
    // What is urgent goes alone: a few hundred bytes come through where fifty entries do not.
    const urgent = able.filter(isUrgent);
    return (urgent.length ? urgent : able).slice(0, pace.limit);
  }

  /**
   * `news`: the server said more than that it took them; `held`: why some wait for another day.
   * @param {Gandan.Session} session @param {boolean} waited the pause after the last failure has passed, or a person asks
   * @returns {Promise<{news: boolean, held: Gandan.Problem | null}>}
   */
  async function push(session, waited) {
    let news = false;
    /** @type {Gandan.Problem | null} */
    let complaint = null;
    /** Records that wait for another day, so that the others can go on. @type {Set<string>} */
    const held = new Set();
    const sign = await signer(session.secret, subtle);
    let findings = 0;
    const suspect = (/** @type {string} */ id) => {
      pace.suspects = [...pace.suspects.filter((one) => one !== id), id];
    };
    /**
     * Twice in a row, with a pause between, while the next request gets through: it is for what is in it. When the line
     * or the server is away, that request fails too, and says so.
     * @param {string} code
     */
    async function isForItsWords(code) {
      if (!OF_ITS_WORDS.includes(code) || !pace.failures || !waited || findings >= FINDINGS) return false;
      if (!findings++) await pull(session);
      return true;
    }
    for (;;) {
      const chosen = choose((await unacknowledged(store)).rows, held);
      if (!chosen.length) return { news, held: complaint };
      const rows = await freeze(store, chosen, { device: session.device, sign });
      const [head] = rows;
      if (!head) continue; // edited meanwhile: read again
      const operations = rows.map(({ text, mac }) => ({ op: text, mac }));
      let answer;
      const started = now();
      try {
        // The request speaks for the device that is signed in; a row may have been frozen and signed by an earlier one.
        const sent_at = new Date(now()).toISOString();
        const json = { protocol: PROTOCOL, device: session.device, sent_at, operations };
        answer = await ask("/sync/push", { json, plain: pace.plain });
      } catch (error) {
        const { code } = /** @type {Fault} */ (error);
        const refused = code === "too_large" || code === "unreadable_request";
        pace.plain ||= code === "unreadable_request";
        // Once is a bad moment; twice may be a line too slow for so much at a time.
        const slow = code === "unreachable" && pace.failures > 0 && now() - started > SLOW;
        const its = refused || (!slow && (await isForItsWords(code)));
        if (its || slow || code === "server_error") pace.limit = Math.max(1, rows.length >> 1);
        if (rows.length === 1 && !refused && (its || slow)) suspect(head.record_id);
        if (!its) throw error;
        if (rows.length === 1) {
          held.add(head.record_id);
          complaint = problem(refused ? code : "record_waiting");
        }
        await store.note("halved", { code, size: rows.length });
        continue;
      }
      /** @type {Gandan.Outcome[]} */
      const outcomes = rows.map((row, place) => {
        const said = answer.outcomes ?? [];
        const own = said.find((/** @type {Gandan.Outcome} */ one) => one.op_id === row.op_id);
        const byPlace = said[place]?.op_id === null ? said[place] : undefined;
        return {
          ...(own ?? byPlace ?? { outcome: "retry", code: "unanswered", message: "" }),
          op_id: row.op_id,
        };
      });
      const gone = new Set(await acknowledge(store, outcomes, { now }));
      if (outcomes.some(({ code }) => code === "quarantine_full")) throw new Fault("quarantine_full");
      if (pace.suspects.includes(head.record_id)) pace.suspects = []; // it was the server after all
      for (const { op_id, record_id } of rows) {
        if (gone.has(op_id)) continue;
        held.add(record_id);
        complaint ??= problem("record_waiting");
      }
      news ||= outcomes.some(({ outcome }) => outcome !== "applied");
      pace.limit = Math.min(BATCH, pace.limit * 2);
      await store.note("pushed", {
        codes: outcomes.map(({ outcome, code }) => `${outcome}/${code}`).join(" "),
      });
    }
  }

  /** @param {Gandan.Session} session */
  async function pull(session) {
    const age = now() - ((await store.meta("last_check")) ?? 0);
    let due = age < 0 || age >= DAY;
    let doubts = 0;
    for (;;) {
      const since = (await store.meta("cursor")) ?? "";
      /** @type {Record<string, string>} */
      const query = { since, device: session.device, protocol: `${PROTOCOL}` };
      const asked = due || !since;
      if (asked) query.check = "1";
      let page = await ask(`/sync/pull?${new URLSearchParams({ ...query, own: "0" })}`);
      if (page.officer && page.officer !== store.officerId) throw new Fault("wrong_person");
      // What answers an empty cursor replaces everything in its own transaction: nothing is forgotten before that.
      if (!since) page.reset = true;
      if (!(await applyPage(store, page))) {
        page = await ask(`/sync/pull?${new URLSearchParams(query)}`);
        await applyPage(store, page);
      }
      const news = (page.entries?.length ?? 0) + (page.petitions?.length ?? 0);
      if (news) await store.note("pulled", { count: news });
      due ||= page.reset;
      if (page.more && page.cursor !== since) continue;
      if (due && !asked) continue;
      if (!page.check) break;
      await store.setMeta({ last_check: now() });
      const drift = await driftFrom(store, page.check, subtle);
      if (!drift) break;
      // Something may have changed between the page and its check: it is asked once more before all is fetched anew.
      if (++doubts === 1) continue;
      await store.note("drifted", drift);
      if (doubts > 2) break; // it is not for want of pulling
      await store.setMeta({ cursor: "" });
    }
    await store.setMeta({ last_pull: now() });
    await trimSent(store, now());
  }

  /** After the entries and the news: nothing waits for a photo. @param {Gandan.Session} session @param {boolean} insist @returns {Promise<Gandan.Problem | null>} */
  async function sendOwedPhotos({ device }, insist) {
    const waiting = await store.count("outbox");
    const complaint = await sendPhotos({
      store,
      device,
      insist,
      fetch,
      online,
      timeout,
      now,
      // An entry saved meanwhile, here or in another window, goes first.
      pressing: async () => again || (await store.count("outbox")) > waiting,
      sent: () => show({ photos: { ...state.photos, sent: state.photos.sent + 1 } }),
    });
    await forgetPhotos(store, now());
    return complaint;
  }

  /** @param {string} reason */
  async function drain(reason) {
    const session = /** @type {Gandan.Session | undefined} */ (await store.get("meta", "session"));
    const { unsent, photos } = await refresh();
    const owed = unsent + photos.waiting;
    const isFresh = async () => {
      const age = now() - ((await store.meta("last_pull")) ?? 0);
      return age >= 0 && age < PULL_EVERY;
    };
    const button = forced;
    forced = false;
    if (!owed && !button && (await isFresh())) {
      if (!HALTS.includes(state.problem?.code ?? "")) show({ problem: null }); // another window has been at it
      return;
    }
    if (!button && !online()) {
      show({ problem: owed ? problem("offline") : null }); // with nothing to send, all is well
      return;
    }
    pace = { ...CALM, ...(await store.meta("pace")) };
    if (remaining(pace.busyUntil)) {
      show({ problem: problem("overloaded") });
      return;
    }
    const paused = pace.pauseUntil === Infinity || remaining(pace.pauseUntil);
    if (paused && !PRESSING.includes(reason)) return;
    try {
      if (!session?.secret) throw new Fault("sign_in_required");
      show({ sending: true });
      const pushed = unsent ? await push(session, button || !paused) : { news: false, held: null };
      let broken = null;
      if (pushed.news || button || !(await isFresh()))
        await pull(session).catch((error) => {
          if (error.code !== "server_error") throw error;
          broken = error; // news that cannot be told keeps no photo back
        });
      const held = (await sendOwedPhotos(session, button)) ?? pushed.held;
      if (broken) throw broken;
      pace.failures = held ? pace.failures + 1 : 0;
      pace.pauseUntil = held ? now() + backOff() : 0;
      show({ problem: held });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      let { code } = error;
      if (code === "unreachable" && now() < ((await store.meta("server_time")) ?? 0) - MINUTE) code = "clock";
      pace.failures++;
      pace.pauseUntil = HALTS.includes(code) ? Infinity : now() + backOff();
      if (code === "overloaded") pace.busyUntil = now() + Math.min(LONGEST, (error.retryAfter || 30) * 1000);
      show({ problem: problem(code) });
      await store.note("failed", { code, reason });
    } finally {
      await store.setMeta({ pace });
    }
  }

  /** How long a pause still lasts. One longer than any that is taken was set before the clock was set back. @param {number} until */
  function remaining(until) {
    const rest = until - now();
    return rest > LONGEST * 1.5 ? 0 : Math.max(0, rest);
  }

  const backOff = () => Math.min(LONGEST, 15_000 * 2 ** Math.min(pace.failures, 6)) * (0.5 + random());

  /** One drainer at a time in all windows. @param {string} reason */
  async function alone(reason) {
    const name = `gandan-sync-${store.officerId}`;
    if (!locks) return drain(reason);
    const got = await locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock) await drain(reason);
      return Boolean(lock);
    });
    if (got || waiting) return;
    // Another window is at it and may have read the outbox before our row: one more look when it is done.
    waiting = true;
    locks
      .request(name, async () => {
        waiting = false;
        await drain(reason);
      })
      .catch(() => {})
      .finally(() => {
        waiting = false;
        show({ sending: false });
      });
  }

  async function loop(/** @type {string} */ reason) {
    try {
      do {
        again = false;
        await alone(reason);
      } while (again);
      // Not waited for: it is the browser's, and the next row must not wait for a browser that thinks it over.
      storage?.().then((answer) => show({ storage: answer }));
      rested?.();
    } catch (error) {
      // Neither the network nor the server: the notebook itself could not be read.
      show({ problem: problem(/** @type {any} */ (error)?.code ?? "unavailable") });
    } finally {
      running = null;
      show({ sending: false });
      await refresh().catch(() => {});
    }
  }

  return {
    async run(reason = "save") {
      if (reason === "button") forced = true;
      if (running) again = true;
      else running = loop(reason);
      await running;
      return state;
    },
    refresh,
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      if (counted || state.problem) listener(state);
      return () => listeners.delete(listener);
    },
    delay() {
      const pause = Math.max(remaining(pace.pauseUntil), remaining(pace.busyUntil));
      return pause || REST * (0.5 + random());
    },
    close: unwatch,
  };
}
