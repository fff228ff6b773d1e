// What is to be conveyed to this group this month, ticked as conveyed: a tick is a row of the entry that names the item.
import { dueAt } from "../offline/bulletins.js";
import { byId, fillList } from "../ui/fill.js";
import { textOf } from "./body.js";
import { addRow, removeRow, repeaterOf, rowsOf } from "./repeater.js";

const LIST = "conveyed";

/** @param {Element} row @param {string} name @returns {HTMLInputElement | HTMLTextAreaElement | null} */
const fieldOf = (row, name) => row.querySelector(`[name^="${LIST}-"][name$="-${name}"]`);

/** @param {HTMLFormElement} form @param {{bulletins: Gandan.BulletinItem[], units: Gandan.Unit[]}} rows */
export function createBulletins(form, { bulletins, units }) {
  /** @type {Gandan.BulletinItem[]} */
  let due = [];
  const conveyed = () => rowsOf(/** @type {Element} */ (repeaterOf(form, LIST)));
  const rowOf = (/** @type {string} */ id) => conveyed().find((row) => fieldOf(row, "item_id")?.value === id);
  const boxes = () => byId("due-list").querySelectorAll("input");

  /** @param {Gandan.BulletinItem} item */
  function tick(item) {
    const blank = conveyed().find((row) =>
      ["text", "questions", "item_id"].every((name) => !fieldOf(row, name)?.value.trim()),
    );
    const row = blank ?? addRow(form, LIST);
    const [id, text] = [row && fieldOf(row, "item_id"), row && fieldOf(row, "text")];
    if (!id || !text) return; // there are as many rows as there may be
    id.value = item.id;
    text.value = item.title;
  }

  /** A row in which questions were written stays: only its own button takes it away. @param {HTMLElement} row */
  function untick(row) {
    if (fieldOf(row, "questions")?.value.trim())
      /** @type {HTMLElement | null} */ (row.querySelector("[data-repeater-remove]"))?.focus();
    else removeRow(row);
  }

  byId("due-list").addEventListener("change", ({ target }) => {
    const item = due[[...boxes()].indexOf(/** @type {HTMLInputElement} */ (target))];
    const row = item && rowOf(item.id);
    if (row) untick(row);
    else if (item) tick(item);
  });

  return {
    /** The group, the day or the rows have changed. */
    show() {
      const found = dueAt(bulletins, units, textOf(form, "unit_id"), textOf(form, "meeting_date"));
      if (found.map(({ id }) => id).join() !== due.map(({ id }) => id).join()) {
        due = found;
        fillList(
          byId("due-list"),
          "due-row",
          due.map(({ title, text, pinned, replaces }) => ({
            title,
            text,
            pinned: Boolean(pinned),
            replaces: Boolean(replaces),
            has_chips: Boolean(pinned || replaces),
          })),
        );
      }
      boxes().forEach((box, place) => {
        box.checked = Boolean(rowOf(due[place]?.id ?? ""));
      });
      byId("due-bulletins").hidden = !due.length;
    },
  };
}
