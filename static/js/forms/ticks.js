// What the phone knows is to be told at a meeting, ticked as told: a tick is a row of the entry that names the item.
import { byId, fillList } from "../ui/fill.js";
import { textOf } from "./body.js";
import { addRow, removeRow, repeaterOf, rowsOf } from "./repeater.js";

/**
 * @template {{id: string}} T
 * @typedef {object} Ticks
 * @property {string} list the rows of the entry
 * @property {string} key their field that names the item
 * @property {string} words their field for what people said
 * @property {string} section shown while there is anything to tick; "-list" and "-row" hold and make its lines
 * @property {(unitId: string, date: string) => T[]} due what is to be told to a group at a meeting on a day
 * @property {(item: T) => Record<string, string>} row what a tick says
 * @property {(item: T) => Record<string, any>} line what is shown of it
 */

/**
 * @template {{id: string}} T @param {HTMLFormElement} form @param {Ticks<T>} ticks
 */
export function createTicks(form, { list, key, words, section, due, row: saying, line }) {
  /** @type {T[]} */
  let items = [];
  const holder = byId(`${section}-list`);
  /** @param {Element} row @param {string} name @returns {HTMLInputElement | HTMLTextAreaElement | null} */
  const fieldOf = (row, name) => row.querySelector(`[name^="${list}-"][name$="-${name}"]`);
  const rows = () => rowsOf(/** @type {Element} */ (repeaterOf(form, list)));
  const rowOf = (/** @type {string} */ id) => rows().find((row) => fieldOf(row, key)?.value === id);
  const boxes = () => holder.querySelectorAll("input");

  /** @param {T} item */
  function tick(item) {
    const blank = rows().find((row) =>
      ["text", words, key].every((name) => !fieldOf(row, name)?.value.trim()),
    );
    const row = blank ?? addRow(form, list);
    if (!row) return;
    for (const [name, value] of Object.entries(saying(item))) {
      const field = fieldOf(row, name);
      if (field) field.value = value;
    }
  }

  /** A row in which words were written stays: only its own button takes it away. @param {HTMLElement} row */
  function untick(row) {
    if (fieldOf(row, words)?.value.trim())
      /** @type {HTMLElement | null} */ (row.querySelector("[data-repeater-remove]"))?.focus();
    else removeRow(row);
  }

  holder.addEventListener("change", ({ target }) => {
    const item = items[[...boxes()].indexOf(/** @type {HTMLInputElement} */ (target))];
    const row = item && rowOf(item.id);
    if (row) untick(row);
    else if (item) tick(item);
  });

  return {
    /** The group, the day or the rows have changed. */
    show() {
      const found = due(textOf(form, "unit_id"), textOf(form, "meeting_date"));
      if (found.map(({ id }) => id).join() !== items.map(({ id }) => id).join()) {
        items = found;
        fillList(holder, `${section}-row`, items.map(line));
      }
      boxes().forEach((box, place) => {
        box.checked = Boolean(rowOf(items[place]?.id ?? ""));
      });
      byId(section).hidden = !items.length;
    },
  };
}
