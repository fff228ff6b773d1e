// The month, without a network: days kept for meetings, what is planned, my duties, the lunar date beside the solar one.
import { t } from "../messages.js";
import { dutiesOf, lunarOf, plannedIn } from "../offline/calendar.js";
import { entryViews } from "../offline/records.js";
import { nameOf } from "../offline/units.js";
import { daysOf, monthAfter, windowOf } from "../offline/windows.js";
import { day, monthName, today } from "../ui/dates.js";
import { byId, fill, fillList } from "../ui/fill.js";
import { begin, keepShown } from "./app.js";

const asked = new URLSearchParams(location.search).get("month") ?? "";
const month = /^\d{4}-(0[1-9]|1[0-2])$/.test(asked) ? asked : today().slice(0, 7);
const WEEKDAYS = [
  t("Chủ nhật"),
  t("Thứ hai"),
  t("Thứ ba"),
  t("Thứ tư"),
  t("Thứ năm"),
  t("Thứ sáu"),
  t("Thứ bảy"),
];
const TYPES = ["committee", "branch", "group"];
/** @param {string} date @returns {number} 0 is Monday */
const weekday = (date) => (new Date(date).getUTCDay() + 6) % 7;

const app = await begin();
if (app) await keepShown(app.store, () => show(app));

/** @param {Gandan.Calendar | null} calendar @param {string} date @param {boolean} [whole] */
function lunar(calendar, date, whole = true) {
  const moon = lunarOf(calendar, date);
  if (!moon) return "";
  if (!whole && moon.day > 1 && !date.endsWith("-01")) return String(moon.day);
  return `${moon.day}/${moon.month}${moon.leap ? ` ${t("nhuận")}` : ""}`;
}

/** @param {import("./app.js").App} app */
async function show(app) {
  const rows = await app.rows();
  const { calendar, units } = rows;
  const views = entryViews(rows);
  const mine = units.find((unit) => unit.mine)?.id ?? "";
  const kept = TYPES.flatMap((type) => {
    const days = windowOf(calendar, mine, month, type);
    return days ? [{ type, ...days }] : [];
  });
  const planned = plannedIn(calendar, units, views, month);
  draw(calendar, kept, new Set(planned.map((one) => one.at.slice(0, 10))));
  fillList(
    byId("windows"),
    "window-row",
    kept.map(({ type, first, last }) => ({
      type,
      days: t("ngày {first}–{last}", { first: Number(first.slice(8)), last: Number(last.slice(8)) }),
    })),
  );
  for (const [place, { type }] of kept.entries())
    byId("windows").children[place]?.classList.add(`window-${type}`);
  fillList(
    byId("duties"),
    "duty-row",
    dutiesOf(calendar, units, views, today()).map(({ type, done, wanted, state }) => ({
      type,
      meta: t("Đã {done} trên {wanted}", { done, wanted }),
      state,
    })),
  );
  const titleOf = (/** @type {Gandan.Planned} */ { unit_id, where }) => {
    const unit = units.find((one) => one.id === unit_id);
    return unit ? nameOf(units, unit) : where;
  };
  fillList(
    byId("planned"),
    "planned-row",
    planned.map((one) => ({
      type: one.type,
      when: `${one.at.slice(11)} · ${WEEKDAYS[(weekday(one.at.slice(0, 10)) + 1) % 7]} ${day(one.at).slice(0, 5)}`,
      lunar: lunar(calendar, one.at.slice(0, 10)),
      has_lunar: Boolean(calendar),
      meta: [titleOf(one), one.place, one.subject].filter(Boolean).join(" · "),
      clash: one.clashes
        .map((other) => t("Trùng giờ: {at}, {where}", { at: other.at.slice(11), where: titleOf(other) }))
        .join(". "),
      has_clash: one.clashes.length > 0,
    })),
  );
  fill(byId("notebook"), {
    month: monthName(month),
    has_duties: byId("duties").childElementCount > 0 && month === today().slice(0, 7),
    nothing: !planned.length,
    unknown: !calendar,
  });
  byId("before").setAttribute("href", `?month=${monthAfter(month, -1)}`);
  byId("after").setAttribute("href", `?month=${monthAfter(month, 1)}`);
}

/** @param {Gandan.Calendar | null} calendar @param {{type: string, first: string, last: string}[]} kept @param {Set<string>} busy */
function draw(calendar, kept, busy) {
  const days = daysOf(month);
  document.querySelectorAll("[data-day]").forEach((cell, place) => {
    const date = days[place];
    /** @type {HTMLElement} */ (cell).hidden = !date;
    if (!date) return;
    const windows = kept.filter(({ first, last }) => first <= date && date <= last);
    cell.className = [
      `sheet-day month-on-${weekday(date)}`,
      date === today() ? "month-today" : "",
      ...windows.map(({ type }) => `window-${type}`),
    ].join(" ");
    fill(cell, { number: String(place + 1), lunar: lunar(calendar, date, false), busy: busy.has(date) });
  });
}
