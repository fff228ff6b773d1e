// The groups this phone knows: mine, and those of the same commune for a substitute.
import { groupsOf } from "../forms/groups.js";
import { t } from "../messages.js";
import { entryViews, monthState } from "../offline/records.js";
import { today } from "../ui/dates.js";
import { byId, fillList } from "../ui/fill.js";
import { matches } from "../ui/search.js";
import { begin, keepShown, readRows } from "./app.js";

const filter = /** @type {HTMLInputElement} */ (byId("filter"));
const app = await begin();
if (app) {
  filter.addEventListener("input", () => show(app));
  await keepShown(app.store, () => show(app));
}

/** @param {import("./app.js").App} app */
async function show({ store }) {
  const rows = await readRows(store);
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
      state: monthState(unit.id, month, views, today()),
    })),
  );
  fillList(
    byId("others"),
    "other-row",
    others.map((unit) => ({ id: unit.id, name: unit.title })),
  );
  byId("others-part").hidden = !others.length;
  byId("none-found").hidden = found.length > 0;
}
