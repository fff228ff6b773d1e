// Rows that can be added and taken away, cloned from the template the page carries.
import { t } from "../messages.js";

/** @param {ParentNode} form @param {string} list @returns {HTMLElement | null} */
export const repeaterOf = (form, list) => form.querySelector(`[data-repeater="${list}"]`);

/** @param {Element} repeater @returns {HTMLElement[]} */
export const rowsOf = (repeater) => [
  ...repeater.querySelectorAll(/** @type {"fieldset"} */ ("fieldset[data-repeater-item]")),
];

/** @param {ParentNode} form @param {string} list */
export function clearRows(form, list) {
  repeaterOf(form, list)?.querySelector("[data-repeater-list]")?.replaceChildren();
}

/** @param {Element} row */
function indexOf(row) {
  const name = row.querySelector("[name]:not(button)")?.getAttribute("name") ?? "";
  return Number(/-(\d+)-/.exec(name)?.[1] ?? -1);
}

/**
 * @param {ParentNode} form @param {string} list @param {number} [index] its number in the field names
 * @returns {HTMLElement | null} the new row
 */
export function addRow(form, list, index) {
  const repeater = repeaterOf(form, list);
  const template = repeater?.querySelector("template");
  const holder = repeater?.querySelector("[data-repeater-list]");
  if (!repeater || !template || !holder) return null;
  const number = index ?? Math.max(-1, ...rowsOf(repeater).map(indexOf)) + 1;
  const clone = /** @type {DocumentFragment} */ (document.importNode(template.content, true));
  for (const element of clone.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (value.includes("__index__"))
        element.setAttribute(name, value.replaceAll("__index__", String(number)));
    }
  }
  const row = /** @type {HTMLElement} */ (clone.firstElementChild);
  holder.append(row);
  renumber(repeater);
  return row;
}

/** @param {Element} repeater */
function renumber(repeater) {
  const rows = rowsOf(repeater);
  rows.forEach((row, place) => {
    const number = row.querySelector("[data-repeater-number]");
    if (number) number.textContent = String(place + 1);
  });
  const add = repeater.querySelector("[data-repeater-add]");
  const most = Number(repeater.getAttribute("data-repeater-max") ?? Infinity);
  if (add instanceof HTMLButtonElement) add.disabled = rows.length >= most;
}

/** @param {HTMLElement} row */
export function removeRow(row) {
  const repeater = row.closest("[data-repeater]");
  row.remove();
  if (repeater) renumber(repeater);
}

/** @param {Element} row @returns {boolean} whether somebody typed or chose something in it */
function isUsed(row) {
  if (row.hasAttribute("data-taken")) return true;
  return [...row.querySelectorAll("input, select, textarea")].some((field) => {
    if (field instanceof HTMLSelectElement) return field.value !== "";
    if (field instanceof HTMLTextAreaElement) return field.value.trim() !== "";
    if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
    return field.type === "radio" || field.type === "checkbox"
      ? field.checked !== field.defaultChecked
      : field.value !== field.defaultValue;
  });
}

/**
 * Let the buttons work. A row that holds something goes only at the second tap.
 * @param {HTMLFormElement} form @param {() => void} changed
 */
export function wireRepeaters(form, changed) {
  for (const list of form.querySelectorAll("[data-repeater]")) renumber(list);
  form.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest?.(
      "[data-repeater-add], [data-repeater-remove]",
    );
    const repeater = button?.closest("[data-repeater]");
    if (!button || !repeater) return;
    event.preventDefault();
    if (button.hasAttribute("data-repeater-add")) {
      const row = addRow(form, repeater.getAttribute("data-repeater") ?? "");
      /** @type {HTMLElement | null | undefined} */ (
        row?.querySelector("select, textarea, input:not([type=hidden])")
      )?.focus();
    } else {
      const row = button.closest("fieldset[data-repeater-item]");
      if (row && isUsed(row) && !button.hasAttribute("data-sure")) {
        button.setAttribute("data-sure", "");
        const label = button.querySelector("span");
        if (label) label.textContent = t("Bấm lần nữa để bỏ");
        return;
      }
      row?.remove();
      renumber(repeater);
      /** @type {HTMLElement | null} */ (repeater.querySelector("[data-repeater-add]"))?.focus();
    }
    changed();
  });
}
