// Which entry a form is opened with, and which operations it becomes.
import { t } from "../messages.js";
import { uuid7 } from "../offline/ids.js";
import {
  defaultsFromLast,
  entryViews,
  householdsOn,
  inOrder,
  petitionViews,
  recordOf,
} from "../offline/records.js";
import { controls, fillForm, readBody, rowPath, setValue, textOf } from "./body.js";

/** @typedef {import("../pages/app.js").Rows} Rows */
/** @typedef {{id: string, rev: number, seen?: Gandan.Seen, settles?: string[], body: Gandan.Body, held?: boolean, taken_up?: boolean}} Known */
/**
 * @typedef {object} Opened
 * @property {string} id
 * @property {number} base_rev
 * @property {Gandan.Seen | undefined} seen what waited when the form was filled with it
 * @property {string[] | undefined} settles the undecided versions, and what was held back, that were known then
 * @property {string} form this form, opened this once
 * @property {Gandan.Hold} hold the draft it is kept in
 * @property {string} unitId
 * @property {boolean} isEdit
 * @property {boolean} mayMove the server does not know the entry yet: it may still be another group's
 * @property {Gandan.Draft | null} draft what was being typed
 * @property {Known[]} petitions as they stood when the form was filled, however long ago that was
 * @property {Gandan.Remark[]} remarks
 * @property {(form: HTMLFormElement, today: string) => void} fillIn
 * @property {Gandan.EntryView[]} views all entries as they were last saved
 */

/**
 * @param {Rows} rows @param {URLSearchParams} asked `id` to mend an entry (`version`: what one of its versions says),
 *   `from` for a new one that says the same, `group` for a new one, `draft` to go on
 * @returns {Opened | null} null when the entry asked for is not on this phone
 */
export function openEntry(rows, asked) {
  const saved = { ...rows, drafts: [] };
  const views = entryViews(saved);
  const mine = rows.units.filter((unit) => unit.mine);
  const drafts = /** @type {Gandan.Draft[]} */ (rows.drafts).filter((draft) => draft.kind === "meeting");
  const newest = inOrder(drafts).reverse();
  const group = asked.get("group") ?? "";
  const from = views.find((one) => one.id === asked.get("from"));
  const wanted = asked.get("id") ?? asked.get("draft");
  const draft =
    (wanted
      ? (drafts.find((one) => one.id === asked.get("draft")) ??
        newest.find((one) => recordOf(one) === wanted))
      : asked.get("new") || from
        ? undefined
        : newest.find(
            (one) =>
              one.base_rev === 0 &&
              !views.some((view) => view.id === recordOf(one)) &&
              (!group || one.unit_id === group),
          )) ?? null;
  const record = draft ? recordOf(draft) : wanted;
  const view = views.find((one) => one.id === record);
  if (asked.get("from") && !from?.body) return null;
  const version = view?.revisions.find((one) => one.op_id === asked.get("version"));
  const body = from?.body ?? version?.body ?? view?.body;
  if (wanted && !draft && !body) return null;
  const about = view ?? from;
  const kept = petitionViews(saved);
  const petitions = (about ? kept : [])
    .map(({ id, rev, seen, settles, body, ...one }) => ({
      ...one,
      id,
      rev,
      seen,
      settles,
      body: body ?? {},
      held: one.where === "quarantined",
    }))
    .filter(
      // A new entry takes along what was held back with the old one, and doubles nothing.
      (one) =>
        one.meeting_id === about?.id && one.where !== "withdrawn" && !one.withdrawing && (view || one.held),
    )
    .map(({ id, rev, seen, settles, body, held, taken_up }) =>
      view ? { id, rev, seen, settles, body, held, taken_up } : { id: "", rev: 0, body, held },
    );
  /** What was known then may have been taken up since. @type {Known[]} */
  const known = draft?.body.known ?? (view ? petitions : []);
  const taken = new Set(kept.flatMap((one) => (one.taken_up ? [one.id] : [])));
  const unitId = draft?.unit_id || about?.unit_id || group || (mine.length === 1 ? (mine[0]?.id ?? "") : "");
  const id = record ?? uuid7();
  const form = uuid7();
  return {
    id,
    base_rev: draft?.base_rev ?? view?.rev ?? 0,
    // One of its versions is chosen in the knowledge of all.
    seen: draft ? draft.body.seen : version ? undefined : view?.seen,
    settles: (draft ? draft.body.settles : view?.settles) ?? [],
    form,
    hold: { id: draft?.id ?? id, record_id: draft?.record_id, form, found: draft },
    unitId,
    isEdit: Boolean(view),
    mayMove: !view?.receipt && view?.where !== "waiting",
    draft,
    petitions: known.map((one) => ({ ...one, taken_up: taken.has(one.id) })),
    remarks: view?.remarks ?? [],
    views,
    fillIn(form, today) {
      if (body) fillForm(form, body, petitions);
      else {
        setValue(form, "meeting_date", today);
        prefill(form, rows.units, views, unitId);
      }
    },
  };
}

/**
 * What most likely is as it was last month, and how many households the group had on the day of the meeting.
 * @param {HTMLFormElement} form @param {Gandan.Unit[]} units @param {Gandan.EntryView[]} views @param {string} unitId
 * @returns {Gandan.Body}
 */
export function defaultsOf(form, units, views, unitId) {
  const unit = units.find((one) => one.id === unitId);
  const found = defaultsFromLast(unitId, views);
  const households = householdsOn(unit, textOf(form, "meeting_date"));
  if (households) found.households_total = households;
  return found;
}

/**
 * Fill in the defaults. It never overwrites what somebody typed.
 * @param {HTMLFormElement} form @param {Gandan.Unit[]} units @param {Gandan.EntryView[]} views
 * @param {string} unitId @param {Gandan.Body} [before] what was filled in like this
 * @param {string[]} [names] of these fields only
 * @returns {Gandan.Body}
 */
export function prefill(form, units, views, unitId, before = {}, names = undefined) {
  const found = defaultsOf(form, units, views, unitId);
  const standard = { format: "regular", chair_role: "group_leader" };
  for (const name of names ?? new Set([...Object.keys(found), ...Object.keys(before)])) {
    const first = name in standard ? standard[/** @type {"format"} */ (name)] : "";
    const untouched = [String(before[name] ?? first), first, ""].includes(textOf(form, name));
    if (untouched) setValue(form, name, shorten(found[name] ?? first));
  }
  return found;
}

/** @param {unknown} value */
const shorten = (value) => (typeof value === "string" ? value.replace(/^(\d\d:\d\d):00$/, "$1") : value);

/** @param {Gandan.Body} a @param {Gandan.Body} b */
export const same = (a, b) =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

/** Give each petition its id, so that it is the same one however often it is kept and saved. @param {HTMLFormElement} form */
export function namePetitions(form) {
  for (const field of controls(form)) {
    const [list, , name] = rowPath(field.name) ?? [];
    if (list === "petitions" && name === "id") field.value ||= uuid7();
  }
}

/** @param {HTMLFormElement} page @param {Opened} opened @returns {Gandan.Operation[]} */
export function operationsOf(page, { id, base_rev, seen, settles, form, petitions: known }) {
  namePetitions(page);
  const { meeting, petitions: rows } = readBody(page);
  if (rows.length) meeting.petition_ids = rows.map((row) => row.id);
  /** @type {Gandan.Operation[]} */
  const operations = [{ kind: "meeting.save", id, base_rev, seen, settles, form, body: meeting }];
  for (const row of rows) {
    const body = { ...row.body, unit_id: meeting.unit_id, meeting_id: id };
    const before = known.find((one) => one.id === row.id);
    if (before && (!before.held || before.taken_up) && same(before.body, body)) continue;
    const { rev: base_rev, seen, settles = [] } = before ?? { rev: 0 };
    const on = { base_rev, seen, settles, form };
    operations.push({ kind: "petition.save", id: row.id, entry: id, ...on, body });
  }
  for (const { id: gone, rev, seen: waited, settles: undecided = [], taken_up } of known) {
    if (taken_up || rows.some((row) => row.id === gone)) continue;
    operations.push({
      kind: "petition.withdraw",
      id: gone,
      entry: id,
      base_rev: rev,
      seen: waited,
      settles: undecided,
      form,
      body: { reason: t("Bỏ khỏi phiếu khi sửa.") },
    });
  }
  return operations;
}
