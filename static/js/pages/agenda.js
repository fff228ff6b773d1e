// One screen before the meeting of a group, known without a network; on paper one A4.
import { t } from "../messages.js";
import { lastHeld, openOf, owedTo } from "../offline/agenda.js";
import { dueAt } from "../offline/bulletins.js";
import { pastYear } from "../offline/overview.js";
import { entryViews, petitionViews } from "../offline/records.js";
import { nameOf } from "../offline/units.js";
import { day, today } from "../ui/dates.js";
import { byId, fill, fillList } from "../ui/fill.js";
import { drawYear, yearWords } from "../ui/year.js";
import { begin, keepShown } from "./app.js";

const id = new URLSearchParams(location.search).get("group") ?? "";
const app = await begin();
byId("print").addEventListener("click", () => print());
if (app) await keepShown(app.store, () => show(app));

/** When a group said it. @param {Gandan.PetitionView} petition @param {Gandan.EntryView[]} views */
function raised({ meeting_id, received_at }, views) {
  const on = views.find((one) => one.id === meeting_id)?.meeting_date || received_at;
  return on ? t("Nêu ngày {day}", { day: day(on) }) : "";
}

/** @param {import("./app.js").App} app */
async function show(app) {
  const rows = await app.rows();
  const unit = rows.units.find((one) => one.id === id);
  byId("agenda").hidden = !unit;
  byId("group-missing").hidden = Boolean(unit);
  if (!unit) return;
  const views = entryViews(rows);
  const petitions = petitionViews(rows);
  const due = dueAt(rows.bulletins, rows.units, id, today());
  const owed = owedTo(id, petitions, views);
  const open = openOf(id, petitions);
  const last = lastHeld(id, views, today());
  const decisions = /** @type {Gandan.Body[]} */ (last?.body?.decisions ?? []);
  const next = last?.body?.next_meeting;
  const months = pastYear(id, views, today(), rows.calendar);
  drawYear(months);
  fill(byId("agenda"), {
    id,
    name: nameOf(rows.units, unit),
    made: t("Theo những gì máy có đến ngày {day}", { day: day(today()) }),
    next: next ? t("Tổ hẹn họp: {moment}", { moment: `${next.slice(11, 16)} ${day(next)}` }) : "",
    nothing_due: !due.length,
    nothing_owed: !owed.length,
    nothing_open: !open.length,
    has_last: Boolean(last),
    last_day: last ? day(last.meeting_date) : "",
    has_decisions: decisions.length > 0,
    no_decisions: Boolean(last) && !decisions.length,
    mine: Boolean(unit.mine),
    year: yearWords(months),
  });
  fillList(
    byId("owed-list"),
    "owed-item",
    owed.map((one) => ({
      title: one.title,
      state: one.where,
      meta: raised(one, views),
      answer: one.answer?.text,
      evidence: one.answer?.evidence ?? "",
    })),
  );
  fillList(
    byId("due-list"),
    "due-item",
    due.map(({ title, text, pinned, replaces }) => ({
      title,
      text,
      pinned: Boolean(pinned),
      replaces: Boolean(replaces),
    })),
  );
  fillList(
    byId("open-list"),
    "open-item",
    open.map((one) => ({
      title: one.title,
      state: one.where,
      meta: [
        raised(one, views),
        one.owner && t("Giao {owner}", { owner: one.owner }),
        one.due && t("Hạn {day}", { day: day(one.due) }),
      ]
        .filter(Boolean)
        .join(" · "),
    })),
  );
  fillList(
    byId("decision-list"),
    "decision-item",
    decisions.map(({ text }) => ({ text })),
  );
}
