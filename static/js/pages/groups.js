// The groups this phone knows: mine, and those of the same commune for a substitute.
import { groupsOf } from "../forms/groups.js";
import { t } from "../messages.js";
import { entryViews, monthState } from "../offline/records.js";
import { nameOf } from "../offline/units.js";
import { day, today } from "../ui/dates.js";
import { byId, fillList } from "../ui/fill.js";
import { findEntries, matches } from "../ui/search.js";
import { begin, keepShown } from "./app.js";

const ENTRIES_SHOWN = 30;
const app = await begin();
const filter = /** @type {HTMLInputElement} */ (byId("filter"));
if (app) {
  filter.addEventListener("input", () => show(app));
  await keepShown(app.store, () => show(app));
}

/** @param {import("./app.js").App} app */
async function show(app) {
  const rows = await app.rows();
  const views = entryViews(rows);
  const found = groupsOf(rows.units).filter((unit) => matches(filter.value, unit.title));
  const month = today().slice(0, 7);
  const mine = found.filter((unit) => unit.mine);
  const others = found.filter((unit) => !unit.mine);
  fillList(
    byId("mine"),
    "group-row",
    mine.map((unit) => ({
      id: unit.id,
      name: unit.title,
      meta: unit.households ? t("{n} hộ", { n: unit.households }) : "",
      state: monthState(unit.id, month, views, today(), rows.calendar),
    })),
  );
  fillList(
    byId("others"),
    "other-row",
    others.map((unit) => ({ id: unit.id, name: unit.title })),
  );
  byId("others-part").hidden = !others.length;
  const titles = new Map(rows.units.map((unit) => [unit.id, nameOf(rows.units, unit)]));
  const titleOf = (/** @type {Gandan.EntryView} */ view) => titles.get(view.unit_id) ?? "";
  const entries = findEntries(filter.value, views, titleOf);
  fillList(
    byId("entries"),
    "entry-row",
    entries.slice(0, ENTRIES_SHOWN).map((view) => ({
      id: view.id,
      name: [day(view.meeting_date), titleOf(view)].filter(Boolean).join(" · "),
      meta: [view.theme, view.body?.place].filter(Boolean).join(" · "),
      state: view.where,
    })),
  );
  byId("entries-part").hidden = !entries.length;
  byId("mine-part").hidden = !mine.length;
  byId("none-found").hidden = found.length + entries.length > 0;
}
