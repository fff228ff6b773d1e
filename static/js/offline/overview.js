// Looking over many entries: what is due this month, a group's year, and where a month has more than one entry.
import { isOut, monthItem, stateOf } from "./records.js";

const byName = new Intl.Collator("vi", { numeric: true });
const TO_MEND = ["returned", "quarantined", "parallel"];
const TO_DO = ["due", "draft"];

/**
 * The officer's groups for the current month: what came back first, then what is due, then the rest.
 * @param {Gandan.Unit[]} units @param {Gandan.EntryView[]} views @param {string} today
 * @returns {Gandan.TodayItem[]}
 */
export function todayList(units, views, today) {
  const rank = (/** @type {Gandan.TodayItem} */ { state }) =>
    TO_MEND.includes(state) ? 0 : TO_DO.includes(state) ? 1 : 2;
  return units
    .filter((unit) => unit.mine)
    .map((unit) => {
      const item = monthItem(unit.id, today.slice(0, 7), views, today);
      // An entry of an earlier month that came back is as pressing as one of this month.
      const back = views.find((view) => view.unit_id === unit.id && TO_MEND.includes(view.where));
      return {
        unit,
        ...(back && !TO_MEND.includes(item.state) ? { ...item, state: stateOf(back), entry: back } : item),
        twins: sameMonth(unit.id, item.month, views),
      };
    })
    .sort((a, b) => rank(a) - rank(b) || byName.compare(a.unit.name, b.unit.name));
}

/**
 * The twelve months up to the current one, oldest first.
 * @param {string} unitId @param {Gandan.EntryView[]} views @param {string} today
 * @returns {Gandan.MonthItem[]}
 */
export function pastYear(unitId, views, today) {
  const [year = 0, month = 0] = today.split("-").map(Number);
  return Array.from({ length: 12 }, (_, place) => {
    const first = new Date(Date.UTC(year, month - 12 + place, 1));
    return monthItem(unitId, first.toISOString().slice(0, 7), views, today);
  });
}

/**
 * The entries of a group's month, if there are several: two officers may both have written, and both stand.
 * @param {string} unitId @param {string} month "2026-11" @param {Gandan.EntryView[]} views
 * @returns {Gandan.EntryView[]} in the order of the meetings; none when there is one only
 */
export function sameMonth(unitId, month, views) {
  const found = views.filter(
    (one) =>
      one.unit_id === unitId &&
      one.meeting_date.startsWith(month) &&
      !isOut(one) &&
      !(one.where === "draft" && !one.rev),
  );
  return month && found.length > 1 ? found.reverse() : [];
}

/**
 * What is held back of another phone's, and of which this phone knows nothing but that.
 * @param {Gandan.Rows} rows @returns {Gandan.Held[]}
 */
export function strays({ quarantine = [], records = [], sent = [], outbox = [], drafts = [] }) {
  const known = new Set([...records, ...drafts].map((one) => one.id));
  for (const row of [...sent, ...outbox]) known.add(row.record_id);
  return quarantine.filter((one) => one.state === "waiting" && !known.has(one.record_id ?? ""));
}
