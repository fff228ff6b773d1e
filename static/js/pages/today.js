// Hôm nay: my groups this month, what came back first.

import { t } from "../messages.js";
import { owedTo } from "../offline/agenda.js";
import { authorText, isOwn, strays, todayList, toMend } from "../offline/overview.js";
import { entryViews, flashViews, petitionViews } from "../offline/records.js";
import { nameOf } from "../offline/units.js";
import { windowOf } from "../offline/windows.js";
import { ago, day, monthName, today } from "../ui/dates.js";
import { byId, fill, fillList } from "../ui/fill.js";
import { tapsOf, unsentCount, unsentText } from "../ui/status_line.js";
import { showTwins, twinText } from "../ui/twins.js";
import { begin, keepShown } from "./app.js";

const app = await begin();
/** Until the first load is whole, what is not here may only not have come yet. */
let isLoaded = false;
const showAgain = app && (await keepShown(app.store, () => show(app)));
const exchange = await app?.exchange;
exchange?.sync.subscribe((state) => {
  const { lastContact, problem, storage } = state;
  if (!isLoaded && lastContact && !state.sending) showAgain?.();
  const unsent = unsentCount(state);
  fill(byId("device-state"), {
    unsent: unsentText(state) || t("Không còn phiếu nào chưa gửi"),
    contact: t("Liên lạc lần cuối: {ago}", { ago: ago(lastContact) }),
    storage: storage ? [storage.message, storage.action].filter(Boolean).join(" ") : "",
    ...tapsOf(problem ? problem.tap : unsent ? "send" : null, unsent),
    has_problem: Boolean(problem),
    problem: problem?.message ?? "",
    action: problem?.action ?? "",
  });
});

/** @param {Gandan.TodayItem} item @param {string} me @param {Gandan.Calendar | null} calendar */
function meta({ unit, entry, state, month }, me, calendar) {
  if (!entry) {
    const days = windowOf(calendar, unit?.id ?? "", month, "group");
    const kept =
      days && t("Kỳ họp {first}–{last}", { first: Number(days.first.slice(8)), last: day(days.last) });
    if (state === "loading") return "";
    return [state === "future" ? "" : t("{month}: chưa ghi", { month: monthName(month) }), kept]
      .filter(Boolean)
      .join(" · ");
  }
  const present = entry.households_present;
  return [
    entry.meeting_date ? day(entry.meeting_date) : "",
    present === null ? "" : t("{n} hộ dự", { n: present }),
    unit?.mine ? "" : t("dự thay"),
    authorText(entry, me),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** @param {import("./app.js").App} app */
async function show(app) {
  const { person } = app;
  const rows = await app.rows();
  isLoaded = rows.loaded;
  const views = entryViews(rows);
  const petitions = petitionViews(rows);
  const back = toMend(rows.units, views, petitions, person.id);
  const items = todayList(rows.units, views, today(), rows.calendar);
  // What stands on top is not said again below.
  const others = items.filter(({ entry }) => !entry || !back.some((item) => item.entry?.id === entry.id));
  const unsure = rows.loaded
    ? []
    : items.map((item) => (item.entry ? item : { ...item, state: /** @type {const} */ ("loading") }));
  byId("returned").hidden = !back.length || !rows.loaded;
  for (const [holder, list] of /** @type {const} */ ([
    ["returned-list", back],
    ["group-list", rows.loaded ? others : []],
    ["loading-list", unsure],
  ])) {
    const owed = list.map(({ unit }) => (unit ? owedTo(unit.id, petitions, views).length : 0));
    fillList(
      byId(holder),
      "group-row",
      list.map((item, place) => ({
        name: item.unit ? nameOf(rows.units, item.unit) : t("Nơi này không còn trong danh sách"),
        meta: meta(item, person.id, rows.calendar),
        state: item.state,
        remark: list === back ? remarkOf(item) : "",
        twin_text: item.twins.length ? twinText(item.twins) : "",
        has_twins: item.twins.length > 0,
        group: item.unit?.id ?? "",
        owed: owed[place] ? t("Còn nợ tổ {n} câu trả lời", { n: owed[place] ?? 0 }) : "",
      })),
    );
    [...byId(holder).children].forEach((row, place) => {
      const item = /** @type {Gandan.TodayItem} */ (list[place]);
      row.querySelector(".row-link")?.setAttribute("href", hrefOf(item));
      showTwins(row.querySelector("[data-twins]"), item.twins, item.entry?.id);
    });
  }
  const lost = strays(rows);
  byId("strays").hidden = !lost.length;
  fillList(
    byId("stray-list"),
    "stray-row",
    lost.map(({ message, receipt }) => ({ message, receipt: t("Biên nhận {code}.", { code: receipt }) })),
  );
  const done = items.filter((item) => item.entry && item.state !== "draft").length;
  const due = rows.bulletins.filter((item) => item.month === today().slice(0, 7));
  fill(byId("notebook"), {
    hello: person.name,
    flash: flashText(rows, person.id),
    bulletins: due.length ? `(${due.length})` : "",
    month: monthName(today().slice(0, 7)),
    progress: t("{done}/{all} tổ đã có phiếu tháng này", { done, all: items.length }),
    loading: t("Đang tải sổ về máy: đã có {n} phiếu", { n: rows.records.length }),
    is_loading: unsure.length > 0,
    has_groups: rows.loaded && others.length > 0,
    no_groups: !items.length,
  });
}

/** What is to be known of my flash reports, the most pressing first. @param {Gandan.Rows} rows @param {string} me */
function flashText(rows, me) {
  const found = flashViews(rows)
    .filter((view) => isOwn(view, me))
    .map(({ where }) => where);
  const unopened = found.filter((where) => ["sent", "reported"].includes(where)).length;
  if (found.includes("quarantined")) return t("(cần xem lại)");
  if (found.includes("draft")) return t("(đang ghi dở)");
  return unopened ? t("({n} chưa ai mở)", { n: unopened }) : "";
}

/** Why it came back. @param {Gandan.TodayItem} item */
function remarkOf({ entry, state }) {
  if (state !== "returned") return entry?.held?.message ?? "";
  const review = entry?.reviews.filter((one) => one.decision === "returned").at(-1);
  return [review?.text, ...(entry?.remarks ?? []).map((one) => one.text)].filter(Boolean).join(" ");
}

/** @param {Gandan.TodayItem} item */
function hrefOf({ unit, entry, state }) {
  if (state === "draft" && entry) return `/notebook/record?draft=${entry.id}`;
  return entry ? `/notebook/entry?id=${entry.id}` : `/notebook/record?group=${unit?.id}`;
}
