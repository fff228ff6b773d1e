// One group's past year, known without a network.
import { t } from "../messages.js";
import { pastYear, sameMonth } from "../offline/overview.js";
import { entryViews, petitionViews } from "../offline/records.js";
import { nameOf } from "../offline/units.js";
import { day, today } from "../ui/dates.js";
import { showFacts } from "../ui/facts.js";
import { byId, copy, fill, fillList } from "../ui/fill.js";
import { showTwins, twinText } from "../ui/twins.js";
import { drawYear, yearWords } from "../ui/year.js";
import { begin, keepShown } from "./app.js";

const id = new URLSearchParams(location.search).get("id") ?? "";
const app = await begin();
if (app) await keepShown(app.store, () => show(app));

/** @param {Gandan.EntryView} view */
function meta({ households_present: present, households_total: total, status, petition_count }) {
  if (status === "not_held") return t("Không họp");
  const households =
    present === null
      ? ""
      : total
        ? t("{n}/{all} hộ dự", { n: present, all: total })
        : t("{n} hộ dự", { n: present });
  return [households, petition_count ? t("{n} kiến nghị", { n: petition_count }) : ""]
    .filter(Boolean)
    .join(" · ");
}

/** Everybody who follows the group, its hamlet, its commune and what lies above. @param {Gandan.Unit[]} units @param {Gandan.Unit} unit */
function contacts(units, unit) {
  const found = [];
  for (let at = /** @type {Gandan.Unit | undefined} */ (unit); at; ) {
    for (const { name, title, role, place, agency, phone } of at.contacts ?? [])
      found.push({ name, phone, meta: [`${role}: ${place}`, title, agency].filter(Boolean).join(" · ") });
    const above = at.parent_id;
    at = units.find((one) => one.id === above);
  }
  return found;
}

/** @param {import("./app.js").App} app */
async function show(app) {
  const rows = await app.rows();
  const unit = rows.units.find((one) => one.id === id);
  byId("group").hidden = !unit;
  byId("group-missing").hidden = Boolean(unit);
  if (!unit) return;
  const all = entryViews(rows);
  const views = all.filter((one) => one.unit_id === id && one.where !== "withdrawn");
  const months = pastYear(id, all, today(), rows.calendar);
  drawYear(months);
  const others = unit.mine ? contacts(rows.units, unit) : [];
  fill(byId("group"), {
    id,
    has_contacts: others.length > 0,
    type: unit.type_label ?? "",
    name: nameOf(rows.units, unit),
    households: unit.households ? t("{n} hộ", { n: unit.households }) : "",
    mine: Boolean(unit.mine),
    year: yearWords(months),
    no_entries: !views.length,
    has_last: views.some((view) => view.body && view.where !== "draft"),
  });
  // Only now: what is said of the group would be said of every row in it.
  fillList(
    byId("entry-list"),
    "entry-row",
    views.map((view) => ({
      id: view.id,
      date: day(view.meeting_date) || t("Chưa ghi ngày"),
      meta: meta(view),
      state: view.where,
    })),
  );
  fillList(byId("contact-list"), "contact-row", others);
  showLast(rows, views);
  const byMonth = new Map(
    views.map(({ meeting_date }) => [
      meeting_date.slice(0, 7),
      sameMonth(id, meeting_date.slice(0, 7), views),
    ]),
  );
  const notices = [...byMonth.values()]
    .filter((twins) => twins.length)
    .map((twins) => {
      const notice = fill(copy("twins-notice"), { text: twinText(twins) });
      showTwins(notice.querySelector("[data-twins]"), twins);
      return notice;
    });
  byId("twins").replaceChildren(...notices);
}

/** @param {import("./app.js").Rows} rows @param {Gandan.EntryView[]} views */
function showLast(rows, views) {
  const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-last]")]);
  const [first, second] = cards;
  // The page carries the form of a record once; the second card is its copy.
  if (second && first && !second.childElementCount)
    second.append(...[...first.childNodes].map((one) => one.cloneNode(true)));
  const whole = views.filter((view) => view.body && view.where !== "draft");
  const petitions = petitionViews({ ...rows, drafts: [] });
  cards.forEach((card, place) => {
    const view = whole[place];
    card.hidden = !view;
    if (!view?.body) return;
    fill(card, { date: day(view.meeting_date) });
    const own = petitions.filter(
      (one) => one.meeting_id === view.id && one.where !== "withdrawn" && one.body,
    );
    showFacts(
      card,
      view.body,
      own.map((one) => one.body ?? {}),
    );
  });
}
