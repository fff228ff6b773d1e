// The days kept for meetings, as the server tells them: what of a month is due when.

/** @param {string} month "2026-11" @returns {number} */
const lengthOf = (month) => {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
};

/**
 * The first and last day kept for a kind of meeting of a unit in a month; a short month ends it early.
 * @param {Gandan.Calendar | null} calendar @param {string} unitId @param {string} month @param {string} type
 * @returns {{first: string, last: string} | null} null: no days are kept, or none are known for this month
 */
export function windowOf(calendar, unitId, month, type) {
  const found = calendar?.windows.find(
    (one) =>
      one.type === type &&
      (!one.units || one.units.includes(unitId)) &&
      (!one.months || one.months.includes(month)),
  );
  if (!found) return null;
  const day = (/** @type {number} */ number) =>
    `${month}-${String(Math.min(number, lengthOf(month))).padStart(2, "0")}`;
  return { first: day(found.first), last: day(found.last) };
}

/**
 * How a group's month stands of which nothing was written yet, while it lasts.
 * @param {Gandan.Calendar | null} calendar @param {string} unitId @param {string} today
 * @returns {"future" | "due" | "overdue"}
 */
export function dueState(calendar, unitId, today) {
  const days = windowOf(calendar, unitId, today.slice(0, 7), "group");
  if (!days) return "due";
  return today < days.first ? "future" : today > days.last ? "overdue" : "due";
}

/** Every day of a month. @param {string} month "2026-11" @returns {string[]} */
export const daysOf = (month) =>
  Array.from({ length: lengthOf(month) }, (_, place) => `${month}-${String(place + 1).padStart(2, "0")}`);

/** @param {string} month "2026-11" @param {number} count @returns {string} */
export function monthAfter(month, count) {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7);
}
