// Hôm nay: my groups this month, what came back first.

import { nameOf } from "../forms/groups.js";
import { t } from "../messages.js";
import { strays, todayList } from "../offline/overview.js";
import { entryViews } from "../offline/records.js";
import { ago, day, monthName, today } from "../ui/dates.js";
import { byId, fill, fillList } from "../ui/fill.js";
import { tapsOf, unsentCount, unsentText } from "../ui/status_line.js";
import { showTwins, twinText } from "../ui/twins.js";
import { begin, keepShown, readRows } from "./app.js";

const app = await begin();
if (app) await keepShown(app.store, () => show(app));
const exchange = await app?.exchange;
exchange?.sync.subscribe((state) => {
  const { lastContact, problem, storage } = state;
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

/** @param {Gandan.TodayItem} item */
function meta({ entry, state, month }) {
  if (!entry) return state === "due" ? t("{month}: chưa ghi", { month: monthName(month) }) : "";
  const present = entry.households_present;
  const count = present === null ? "" : t("{n} hộ dự", { n: present });
  return [entry.meeting_date ? day(entry.meeting_date) : "", count].filter(Boolean).join(" · ");
}

/** @param {import("./app.js").App} app */
async function show({ store, person }) {
  const rows = await readRows(store);
  const items = todayList(rows.units, entryViews(rows), today());
  const lines = items.map((item) => ({
    name: nameOf(rows.units, item.unit),
    meta: meta(item),
    state: item.state,
    remark:
      item.state === "returned"
        ? remarkOf(item.entry)
        : item.state === "quarantined"
          ? (item.entry?.held?.message ?? "")
          : "",
    href: hrefOf(item),
    twins: item.twins,
    twin_text: item.twins.length ? twinText(item.twins) : "",
    has_twins: item.twins.length > 0,
    except: item.entry?.id,
    back: ["returned", "quarantined", "parallel"].includes(item.state),
  }));
  const back = lines.filter((line) => line.back);
  byId("returned").hidden = !back.length;
  fillList(byId("returned-list"), "group-row", back);
  const others = lines.filter((line) => !line.back);
  fillList(byId("group-list"), "group-row", others);
  const shown = document.querySelectorAll("#returned-list > .row, #group-list > .row");
  [...back, ...others].forEach((line, place) => {
    shown[place]?.querySelector(".row-link")?.setAttribute("href", line.href);
    showTwins(shown[place]?.querySelector("[data-twins]") ?? null, line.twins, line.except);
  });
  const lost = strays(rows);
  byId("strays").hidden = !lost.length;
  fillList(
    byId("stray-list"),
    "stray-row",
    lost.map(({ message, receipt }) => ({ message, receipt: t("Biên nhận {code}.", { code: receipt }) })),
  );
  const done = items.filter((item) => item.entry && !["draft", "due"].includes(item.state)).length;
  fill(byId("notebook"), {
    hello: person.name,
    month: monthName(today().slice(0, 7)),
    progress: t("{done}/{all} tổ đã có phiếu tháng này", { done, all: items.length }),
    has_groups: items.length > 0,
    no_groups: !items.length,
  });
}

/** @param {Gandan.EntryView | null} entry */
function remarkOf(entry) {
  const review = entry?.reviews.filter((one) => one.decision === "returned").at(-1);
  return [review?.text, ...(entry?.remarks ?? []).map((one) => one.text)].filter(Boolean).join(" ");
}

/** @param {Gandan.TodayItem} item */
function hrefOf({ unit, entry, state }) {
  if (state === "draft" && entry) return `/notebook/record?draft=${entry.id}`;
  return entry ? `/notebook/entry?id=${entry.id}` : `/notebook/record?group=${unit.id}`;
}
