// Petitions that the desk has taken up: in the form they stand as they are, and are neither changed nor dropped there.
import { copy } from "../ui/fill.js";
import { controls, rowPath, setValue } from "./body.js";
import { operationsOf } from "./entry.js";
import { addRow } from "./repeater.js";

/** @param {HTMLFormElement} form @param {string} id @returns {Element | null | undefined} */
const rowOf = (form, id) =>
  controls(form)
    .find((field) => rowPath(field.name)?.[2] === "id" && field.value === id)
    ?.closest("fieldset[data-repeater-item]");

/** One that was dropped before it was taken up stands there again. @param {HTMLFormElement} form @param {import("./entry.js").Known} petition */
function putBack(form, { id, rev, body }) {
  const row = addRow(form, "petitions");
  const prefix = row?.querySelector("[name$='-id']")?.getAttribute("name")?.slice(0, -2);
  for (const [name, value] of Object.entries({ ...body, id, rev })) setValue(form, prefix + name, value);
  return row;
}

/** @param {HTMLFormElement} form filled already @param {import("./entry.js").Opened} opened */
export function lockTakenUp(form, opened) {
  const known = opened.petitions.filter((one) => one.taken_up);
  const rows = known.map((one) => {
    const row = rowOf(form, one.id);
    if (one.body.title) return row ?? putBack(form, one);
    row?.remove(); // its words are not on this phone
    return null;
  });
  const changed = new Set(known.length ? operationsOf(form, opened).map(({ id }) => id) : []);
  known.forEach(({ id }, place) => {
    const row = rows[place];
    row?.querySelector("legend")?.after(copy("taken-up-notice"));
    for (const button of row?.querySelectorAll("button") ?? []) button.remove();
    // What was typed before it was taken up can still be taken out; it is not lost either way.
    if (changed.has(id)) return;
    for (const field of row?.querySelectorAll("input, textarea") ?? []) {
      if (!(field instanceof HTMLInputElement && field.type === "radio")) field.setAttribute("readonly", "");
      else field.disabled = !field.checked;
    }
    for (const option of row?.querySelectorAll("option") ?? []) option.disabled = !option.selected;
  });
}
