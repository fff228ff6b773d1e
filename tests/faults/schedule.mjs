// What happens, and in which order: a list of steps that stands for itself, so that any of them can be left out.
import { dice } from "./random.mjs";

/** @typedef {import("./phone.mjs").Weather} Weather */
/**
 * `pick` chooses among whatever is there when the step comes.
 * @typedef {{do: string, phone: number, pick: number, wait: number, weather: Weather, [more: string]: any}} Step
 */
/** @typedef {{seed: number, phones: string[], steps: Step[]}} Schedule */

/** Every phone there may be in a schedule. */
export const EVERYBODY = ["lan", "lan", "minh", "xuan"];

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const GROUPS = ["A1-2", "A1-10", "A2-1", "B1-1"];

/** @param {ReturnType<typeof dice>} d @param {boolean} real whether the server may really be killed @returns {any} */
function networkFault(d, real) {
  const what = d.weighed([
    [6, "refuse"],
    [8, "lose-answer"],
    [3, "cut"],
    [4, "twice"],
    [4, "echo"],
    [4, "delay"],
    [3, "fail"],
    [1, "503"],
    [1, "429"],
    [2, "413"],
    [1, "400"],
    [2, "500"],
    [1, "401"],
    [0.5, "409"],
    [1, "502"],
    [1, "portal"],
    [0.5, "portal-204"],
    [real ? 14 : 0, "kill"],
  ]);
  if (what === "fail") return { what, at: d.whole(1, 24) };
  if (what === "twice") return { what, at: d.whole(0, 1) };
  if (what === "kill")
    return { what, at: d.one(["before", "commit", "committed", "answer", d.whole(2, 24), d.whole(2, 24)]) };
  return { what };
}

/** @param {ReturnType<typeof dice>} d @param {boolean} real @param {"save" | "sync"} kind @returns {Weather} */
function weatherOf(d, real, kind) {
  /** @type {Weather} */
  const weather = {};
  const reach = kind === "save" ? 14 : 90;
  if (d.happens(0.16)) weather.killAt = d.whole(1, reach);
  if (d.happens(0.12)) {
    const what = d.weighed([
      [3, "quota"],
      [2, "late-quota"],
      [4, "closed"],
      [3, "lost-commit"],
    ]);
    weather.storage = [{ at: d.whole(1, reach), what: /** @type {any} */ (what) }];
  }
  if (kind === "sync" && d.happens(0.55)) {
    const count = d.whole(1, 3);
    weather.network = Array.from({ length: count }, () => (d.happens(0.7) ? networkFault(d, real) : null));
  }
  return weather;
}

/** What happens, and how often, where people go about many things. @param {boolean} kills @returns {[number, string][]} */
const everyday = (kills) => [
  [14, "save"],
  [6, "edit"],
  [6, "open"],
  [6, "finish"],
  [2, "choose"],
  [2, "twice"],
  [3, "draft"],
  [3, "submit"],
  [4, "withdraw"],
  [22, "sync"],
  [6, "together"],
  [2, "window"],
  [3, "killPhone"],
  [kills ? 5 : 0, "killServer"],
  [7, "review"],
  [2, "settle"],
  [4, "move"],
  [5, "redact"],
  [2, "openReport"],
  [4, "seal"],
  [4, "carry"],
  [2, "lose"],
  [3, "assign"],
  [1.5, "endSession"],
  [1, "revoke"],
  [2, "signOut"],
  [3, "signIn"],
  [3, "clock"],
  [1, "serverClock"],
  [3, "ghost"],
];

/** The same where one person writes one entry on two phones, so that versions meet. @param {boolean} kills @returns {[number, string][]} */
const oneEntry = (kills) => [
  [1, "save"],
  [10, "edit"],
  [8, "open"],
  [8, "finish"],
  [5, "choose"],
  [2, "twice"],
  [2, "draft"],
  [2, "submit"],
  [2, "withdraw"],
  [16, "sync"],
  [4, "together"],
  [2, "killPhone"],
  [kills ? 3 : 0, "killServer"],
  [3, "review"],
  [2, "settle"],
  [1, "redact"],
  [2, "seal"],
  [2, "carry"],
  [1, "signIn"],
  [1, "serverClock"],
];

/** @param {number} seed @param {{kills?: boolean}} [options] @returns {Schedule} */
export function generate(seed, { kills = false } = {}) {
  const d = dice(seed);
  const isOneEntry = d.happens(0.25);
  const phones = isOneEntry
    ? ["lan", "lan"]
    : d.one([
        ["lan"],
        ["lan", "lan"],
        ["lan", "lan"],
        ["lan", "minh"],
        ["lan", "lan", "minh"],
        ["lan", "minh", "xuan"],
        EVERYBODY,
      ]);
  const first = isOneEntry ? ["save", "together", "together"] : ["save", "save"];
  const later = isOneEntry ? oneEntry(kills) : everyday(kills);
  const length = d.whole(5, 25);
  /** @type {Step[]} */
  const steps = [];
  for (let made = 0; made < length; made++) {
    const what = first[made] ?? d.weighed(later);
    const step = {
      do: what,
      phone: d.whole(0, phones.length - 1),
      pick: d.next(),
      wait: waitOf(d),
      weather: {},
    };
    steps.push({ ...step, ...detailsOf(d, what, kills, phones.length) });
  }
  return { seed, phones, steps };
}

/** @param {ReturnType<typeof dice>} d milliseconds before a step; often none, so that two things bear one time */
const waitOf = (d) =>
  d.weighed([
    [4, 0],
    [4, d.whole(1, 3)],
    [4, d.whole(100, MINUTE)],
    [1, d.whole(6, 20) * MINUTE],
  ]);

/** @param {ReturnType<typeof dice>} d @param {string} what @param {boolean} kills @param {number} phones @returns {object} */
function detailsOf(d, what, kills, phones) {
  switch (what) {
    case "save":
      return {
        group: d.weighed(GROUPS.map((group, place) => /** @type {const} */ ([place < 2 ? 4 : 1, group]))),
        kind: d.weighed([
          [4, "meeting"],
          [2, "both"],
          [1, "petition"],
          [1, "flash"],
        ]),
        invalid: d.happens(0.05),
        photo: d.happens(0.2) ? d.one([1, 20, 100]) : 0,
        weather: weatherOf(d, kills, "save"),
      };
    case "edit":
    case "finish":
      return { weather: weatherOf(d, kills, "save"), photo: d.happens(0.15) ? d.one([1, 20, 100]) : 0 };
    case "seal":
      return { weather: weatherOf(d, kills, "save") };
    case "carry":
      return { weather: d.happens(0.6) ? { network: [networkFault(d, kills)] } : {} };
    case "open":
      return { weather: weatherOf(d, kills, "save"), twice: d.happens(0.5) };
    case "choose":
    case "twice":
    case "draft":
    case "submit":
    case "withdraw":
      return { weather: weatherOf(d, kills, "save") };
    case "sync":
      return {
        reason: d.one(["open", "save", "online", "visible", "button", "button", "button"]),
        weather: weatherOf(d, kills, "sync"),
        duringSync: d.happens(0.15), // somebody saves while it is sent
      };
    case "together":
      return {
        weathers: Array.from({ length: phones }, () => {
          const weather = weatherOf(d, kills, "sync");
          if (d.happens(0.5))
            weather.network = [{ what: "stall", ms: d.whole(4, 12) }, ...(weather.network ?? [])];
          return weather;
        }),
      };
    case "review":
      return { decision: d.one(["accepted", "returned", "returned", "comment"]), stale: d.happens(0.3) };
    case "move":
      return { deed: d.one(["triage", "answer", "redirect"]), stale: d.happens(0.3) };
    case "redact":
      return { kind: d.one(["meeting", "meeting", "petition", "petition", "flash_report"]) };
    case "openReport":
      return { redirect: d.happens(0.3) };
    case "settle":
      return { word: d.one(["release", "release", "dismiss"]) };
    case "assign":
      return { officer: d.one(["lan", "minh", "xuan"]), group: d.one(GROUPS), on: d.happens(0.5) };
    case "signIn":
      return {
        who: d.weighed([
          [3, ""],
          [1, "lan"],
          [1, "minh"],
        ]),
        weather: weatherOf(d, kills, "sync"),
      };
    case "signOut":
      return { weather: weatherOf(d, kills, "sync") };
    case "clock":
      return { jump: d.one([-400 * DAY, -3 * 60 * MINUTE, -MINUTE, 3 * 60 * MINUTE, 70 * DAY, 0, 0]) };
    case "serverClock":
      return { jump: -d.whole(1, 30 * MINUTE) };
    default:
      return {};
  }
}

/**
 * Leave out what is not needed for a schedule to fail: halves, quarters, … then single steps, then parts of the weather.
 * @param {Schedule} schedule @param {(schedule: Schedule) => Promise<boolean>} fails
 * @returns {Promise<Schedule>}
 */
export async function shrink(schedule, fails) {
  let best = schedule;
  let tries = 0;
  const attempt = async (/** @type {Schedule} */ candidate) => {
    if (tries++ > 400 || !(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let size = best.steps.length >> 1; size >= 1; size >>= 1) {
    for (let start = 0; start < best.steps.length; ) {
      const steps = best.steps.filter((_, place) => place < start || place >= start + size);
      if (!(await attempt({ ...best, steps }))) start += size;
    }
  }
  for (let place = 0; place < best.steps.length; place++) {
    for (const part of /** @type {const} */ (["killAt", "storage", "network"])) {
      const step = best.steps[place];
      if (!step?.weather[part]) continue;
      const { [part]: _, ...weather } = step.weather;
      const steps = best.steps.map((one) => (one === step ? { ...step, weather } : one));
      await attempt({ ...best, steps });
    }
  }
  return best;
}

/** One line for each step, for people. @param {Schedule} schedule */
export const tell = ({ seed, phones, steps }) =>
  [
    `seed ${seed}, phones ${phones.join(", ")}`,
    ...steps.map(({ do: what, phone, wait, ...more }, place) => {
      const rest = Object.entries(more).filter(
        ([key, value]) => key !== "weather" || Object.keys(value).length,
      );
      return `  ${place + 1}. +${wait} ms ${what} phone ${phone} ${JSON.stringify(Object.fromEntries(rest))}`;
    }),
  ].join("\n");
