// The cadre's calendar, from what the phone holds: meetings planned by an office, those groups agreed on, duties.
import { isOut } from "./records.js";
import { windowOf } from "./windows.js";

const HOUR = 3_600_000;
/** How long a meeting takes of which only the beginning was agreed. */
const MINUTES = 60;

/**
 * The lunar date of a day, by the starts of months that the server tells: nothing is computed here but a difference.
 * @param {Gandan.Calendar | null} calendar @param {string} day
 * @returns {{day: number, month: number, leap: boolean} | null}
 */
export function lunarOf(calendar, day) {
  const start = calendar?.lunar.filter(([on]) => on <= day).at(-1);
  if (!start) return null;
  const number = Math.round((Date.parse(day) - Date.parse(start[0])) / (24 * HOUR)) + 1;
  return number > 30 ? null : { day: number, month: start[1], leap: Boolean(start[2]) };
}

/** A moment as the country's clocks show it; one without a zone is so already. @param {string} moment @returns {string} "2026-11-18T18:00" */
export const localOf = (moment) =>
  (/Z$|[+-]\d\d:?\d\d$/.test(moment) ? new Date(Date.parse(moment) + 7 * HOUR).toISOString() : moment).slice(
    0,
    16,
  );

/**
 * The meetings of a month: planned ones, and of each group followed what its newest entry agreed on.
 * @param {Gandan.Calendar | null} calendar @param {Gandan.Unit[]} units @param {Gandan.EntryView[]} views newest first
 * @param {string} month
 * @returns {Gandan.Planned[]} as they begin
 */
export function plannedIn(calendar, units, views, month) {
  /** @type {Gandan.Planned[]} */
  const found = (calendar?.plans ?? []).map((plan) => ({
    id: plan.id,
    type: plan.type,
    unit_id: plan.unit_id,
    where: plan.where ?? "",
    at: localOf(plan.at),
    minutes: plan.minutes,
    place: plan.place ?? "",
    subject: plan.subject ?? "",
    mine: Boolean(plan.me),
    clashes: [],
  }));
  for (const unit of units.filter((one) => one.mine)) {
    const newest = views.find((one) => one.unit_id === unit.id && !isOut(one) && one.where !== "draft");
    const agreed = newest?.body?.rescheduled_to || newest?.body?.next_meeting;
    if (newest && agreed)
      found.push({
        id: newest.id,
        type: "group",
        unit_id: unit.id,
        where: "",
        at: localOf(agreed),
        minutes: MINUTES,
        place: "",
        subject: "",
        mine: true,
        clashes: [],
      });
  }
  found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1));
  const start = (/** @type {Gandan.Planned} */ one) => Date.parse(`${one.at}Z`);
  const end = (/** @type {Gandan.Planned} */ one) => start(one) + one.minutes * 60_000;
  const mine = found.filter((one) => one.mine);
  for (const one of mine)
    one.clashes = mine.filter((other) => other !== one && start(one) < end(other) && start(other) < end(one));
  return found.filter((one) => one.at.startsWith(month));
}

/**
 * What this officer must attend in the present period, and how much of it is done: of groups what was written, also
 * what has not been sent; of other meetings what the server said.
 * @param {Gandan.Calendar | null} calendar @param {Gandan.Unit[]} units @param {Gandan.EntryView[]} views @param {string} today
 * @returns {Gandan.DutyItem[]}
 */
export function dutiesOf(calendar, units, views, today) {
  const groups = units.filter((unit) => unit.mine);
  return (calendar?.duties ?? []).map((duty) => {
    let { done = 0, wanted = 0 } = duty;
    if (duty.type === "group") {
      const counts = groups.map(
        (unit) =>
          views.filter(
            (one) =>
              one.unit_id === unit.id &&
              one.where !== "draft" &&
              !isOut(one) &&
              one.meeting_date >= duty.from &&
              one.meeting_date < duty.until,
          ).length,
      );
      wanted = duty.each ? counts.length : duty.count;
      done = duty.each
        ? counts.filter((count) => count >= duty.count).length
        : Math.min(
            duty.count,
            counts.reduce((sum, count) => sum + count, 0),
          );
    }
    const days = windowOf(calendar, groups[0]?.id ?? "", today.slice(0, 7), duty.type);
    const late = days && today > days.last ? "overdue" : "due";
    const state = done >= wanted ? "met" : days && today < days.first ? "future" : late;
    return { type: duty.type, done, wanted, state };
  });
}
