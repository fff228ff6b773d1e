// Looking over many entries: what is due this month, a group's year, and where a month has more than one entry.
import { t } from "../messages.js";
import { isOut, monthItem, recordOf } from "./records.js";
import { byOrder } from "./units.js";

const TO_MEND = ["returned", "quarantined", "parallel"];
/** What is to be done; a group whose days are still to come waits for them. */
const TO_DO = ["overdue", "due", "draft"];

/**
 * Only its author mends an entry, or the one to whom it was handed over. What has no author yet has never left this phone.
 * @param {Gandan.View} view @param {string} me
 */
export const isOwn = ({ author, keeper }, me) => !author || (keeper ?? author).id === me;

/** Who wrote it, and who answers for it now, where that is not the reader. @param {Gandan.View} view @param {string} me */
export function authorText({ author, keeper }, me) {
  if (!author) return "";
  if (keeper?.id === me) return t("Nhận bàn giao từ {name}", { name: author.name });
  return [
    author.id === me ? "" : t("Người ghi: {name}", { name: author.name }),
    keeper ? t("Đã bàn giao cho {name}", { name: keeper.name }) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/**
 * What this officer must look at again, wherever it was: also an entry of an earlier month, or of a group where they
 * were a substitute, or one of whose petitions is held back. What another wrote is for its author.
 * @param {Gandan.Unit[]} units @param {Gandan.EntryView[]} views @param {Gandan.PetitionView[]} petitions @param {string} me
 * @returns {Gandan.TodayItem[]} the newest meeting first
 */
export function toMend(units, views, petitions, me) {
  return views.flatMap((entry) => {
    if (isOut(entry) || !isOwn(entry, me)) return [];
    const unit = units.find((one) => one.id === entry.unit_id) ?? null;
    const parts = [entry, ...petitions.filter((one) => one.meeting_id === entry.id)];
    const cause = parts.find(({ where }) => TO_MEND.includes(where));
    // What is half written for another's group stands in no list of one's own groups.
    const foreign = entry.where === "draft" && unit && !unit.mine;
    if (!cause && !foreign) return [];
    const state = /** @type {Gandan.MonthState} */ (cause?.where ?? "draft");
    const month = entry.meeting_date.slice(0, 7);
    return [{ unit, month, state, entry, twins: sameMonth(entry.unit_id, month, views) }];
  });
}

/**
 * The officer's groups for the current month: what is due first, then the rest.
 * @param {Gandan.Unit[]} units @param {Gandan.EntryView[]} views @param {string} today @param {Gandan.Calendar | null} [calendar]
 * @returns {Gandan.TodayItem[]}
 */
export function todayList(units, views, today, calendar) {
  const rank = (/** @type {Gandan.TodayItem} */ { state }) => (TO_DO.includes(state) ? 0 : 1);
  return units
    .filter((unit) => unit.mine)
    .map((unit) => {
      const item = monthItem(unit.id, today.slice(0, 7), views, today, calendar);
      return { unit, ...item, twins: sameMonth(unit.id, item.month, views) };
    })
    .sort((a, b) => rank(a) - rank(b) || byOrder(a.unit, b.unit));
}

/**
 * The twelve months up to the current one, oldest first.
 * @param {string} unitId @param {Gandan.EntryView[]} views @param {string} today @param {Gandan.Calendar | null} [calendar]
 * @returns {Gandan.MonthItem[]}
 */
export function pastYear(unitId, views, today, calendar) {
  const [year = 0, month = 0] = today.split("-").map(Number);
  return Array.from({ length: 12 }, (_, place) => {
    const first = new Date(Date.UTC(year, month - 12 + place, 1));
    return monthItem(unitId, first.toISOString().slice(0, 7), views, today, calendar);
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
  const known = new Set([...records.map((one) => one.id), ...drafts.map(recordOf)]);
  for (const row of [...sent, ...outbox]) known.add(row.record_id);
  return quarantine.filter((one) => one.state === "waiting" && !known.has(one.record_id ?? ""));
}
