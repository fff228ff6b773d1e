// A group's past twelve months as a small drawing, and in words.
import { t } from "../messages.js";

const HIGH = 60;

/** @param {Gandan.MonthItem[]} months */
export function drawYear(months) {
  document.querySelectorAll("[data-month]").forEach((column, place) => {
    const { month, entry, state } = /** @type {Gandan.MonthItem} */ (months[place]);
    const { households_present: present = null, households_total: total = null } = entry ?? {};
    const share =
      entry?.status === "held" ? (present !== null && total ? Math.min(1, present / total) : 1) : 0;
    const bar = column.querySelector("[data-bar]");
    bar?.setAttribute("height", String(Math.round(share * HIGH)));
    bar?.setAttribute("y", String(4 + HIGH - Math.round(share * HIGH)));
    const mark = column.querySelector("[data-mark]");
    if (mark) mark.textContent = entry?.status === "not_held" ? "×" : state === "missing" ? "?" : "";
    const number = column.querySelector("[data-number]");
    if (number) number.textContent = String(Number(month.slice(5)));
  });
}

/** @param {Gandan.MonthItem[]} months */
export function yearWords(months) {
  const held = months.filter(({ entry }) => entry?.status === "held");
  const rates = held.flatMap(({ entry }) =>
    entry?.households_present != null && entry.households_total
      ? [entry.households_present / entry.households_total]
      : [],
  );
  const mean = rates.length
    ? Math.round((100 * rates.reduce((sum, one) => sum + one, 0)) / rates.length)
    : null;
  return [
    t("{n}/12 tháng có họp.", { n: held.length }),
    mean === null ? "" : t("Trung bình {n}% hộ dự.", { n: mean }),
  ]
    .filter(Boolean)
    .join(" ");
}
