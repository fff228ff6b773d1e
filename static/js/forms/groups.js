// The choice of the group, filled from the phone, and what is worth knowing about the group that was chosen.
import { t } from "../messages.js";
import { monthItem, recordOf } from "../offline/records.js";
import { byOrder, nameOf } from "../offline/units.js";
import { day, today } from "../ui/dates.js";
import { byId, copy, fill } from "../ui/fill.js";
import { textOf } from "./body.js";
import { defaultsOf, prefill } from "./entry.js";

/** Where meetings are recorded: units with nothing below them. @param {Gandan.Unit[]} units */
export const groupsOf = (units) => {
  const parents = new Set(units.map((unit) => unit.parent_id));
  return units
    .filter((unit) => unit.mine || !parents.has(unit.id))
    .map((unit) => ({ ...unit, title: nameOf(units, unit) }))
    .sort(byOrder);
};

/**
 * Offer the groups of this phone: mine, and those of the same commune for a substitute.
 * @param {HTMLSelectElement} select @param {Gandan.Unit[]} units
 */
export function offerGroups(select, units) {
  const groups = groupsOf(units);
  const part = (/** @type {string} */ label, /** @type {boolean} */ mine) => {
    const holder = document.createElement("optgroup");
    holder.label = label;
    holder.append(
      ...groups.filter((unit) => Boolean(unit.mine) === mine).map((unit) => new Option(unit.title, unit.id)),
    );
    return holder;
  };
  select.replaceChildren(new Option(t("Chọn…"), ""), part(t("Địa bàn của tôi"), true));
  const others = part(t("Nơi khác (dự thay)"), false);
  if (others.childElementCount) select.append(others);
}

/**
 * @param {HTMLFormElement} form @param {import("./entry.js").Rows} rows
 * @param {{id: string, hold: Gandan.Hold, isNew: boolean, views: Gandan.EntryView[]}} entry
 */
export function createGroups(form, rows, { id, hold, isNew, views }) {
  const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem("unit_id"));
  /** @type {Gandan.Body} */
  let filled = {};
  offerGroups(select, rows.units);

  function tell() {
    const unit = textOf(form, "unit_id");
    const notices = byId("group-notices");
    notices.replaceChildren();
    const other = rows.drafts.find(
      (draft) =>
        draft.id !== hold.id &&
        (recordOf(draft) === id || (isNew && unit && draft.unit_id === unit && draft.kind === "meeting")),
    );
    const { entry } = monthItem(unit, today().slice(0, 7), views, today());
    const found = other
      ? [t("Nơi này còn một phiếu ghi dở."), t("Mở phiếu ghi dở"), `/notebook/record?draft=${other.id}`]
      : unit && isNew && entry && entry.id !== id
        ? [
            t("Tháng này tổ đã có phiếu ngày {day}.", { day: day(entry.meeting_date) }),
            t("Mở phiếu đó"),
            `/notebook/entry?id=${entry.id}`,
          ]
        : null;
    if (!found) return;
    const notice = fill(copy("group-notice"), { text: found[0], label: found[1] });
    notice.querySelector("a")?.setAttribute("href", found[2] ?? "");
    notices.append(notice);
  }

  return {
    /** @param {string} unitId the group the form is about */
    show(unitId) {
      // An entry stays with its group.
      if (!isNew) for (const option of [...select.options]) if (option.value !== unitId) option.remove();
      if (unitId && ![...select.options].some((option) => option.value === unitId)) {
        select.append(new Option(t("Nơi này không còn trong danh sách"), unitId));
      }
      select.value = unitId;
      filled = defaultsOf(form, rows.units, views, unitId);
      tell();
    },
    /** Another group was chosen. */
    chosen() {
      filled = prefill(form, rows.units, views, select.value, filled);
      tell();
    },
    /** The meeting was on another day, on which the group may have had more households, or fewer. */
    dated() {
      if (isNew) filled = prefill(form, rows.units, views, select.value, filled, ["households_total"]);
    },
  };
}
