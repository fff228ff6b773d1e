// What is about to be saved, in words: read from the form itself, so that nothing can be said of it twice.
import { number } from "../messages.js";
import { controls, rowPath, said } from "./body.js";
import { personIn } from "./privacy.js";

/** @typedef {{name: string, value: string, group: string}} Line */

/** @param {Element | null | undefined} element */
const words = (element) => (element?.textContent ?? "").replace(/\s+/g, " ").trim();

/** @param {import("./body.js").Control} field @returns {string} */
function shown(field) {
  if (field instanceof HTMLSelectElement) return words(field.selectedOptions[0]);
  if (field.type === "radio") return words(field.closest("label"));
  if (field.type === "checkbox") return "✓";
  const [date, time] = field.value.split("T");
  if (field.type === "date" || field.type === "datetime-local") {
    const [year, month, day] = (date ?? "").split("-");
    return `${time ? `${time} ` : ""}${day}/${month}/${year}`;
  }
  return field.type === "number" ? number(Number(field.value)) : field.value.trim();
}

/** @param {import("./body.js").Control} field */
const labelOf = (field) => {
  const wrapper = field.closest(".field");
  return words(wrapper?.querySelector("legend, .label, .pill-text"));
};

/** @param {HTMLFormElement} form @param {(field: import("./body.js").Control) => boolean} [also] shown although it is the default */
export function linesOf(form, also = () => false) {
  /** @type {Line[]} */
  const lines = [];
  for (const field of controls(form)) {
    if (field.disabled || field.type === "hidden") continue;
    if (field instanceof HTMLInputElement && ["radio", "checkbox"].includes(field.type) && !field.checked)
      continue;
    if (said(field) === undefined && !(also(field) && field.value)) continue;
    const group = rowPath(field.name)
      ? words(field.closest("fieldset[data-repeater-item]")?.querySelector(".repeat-legend"))
      : "";
    const alone = field.closest(".field")?.querySelector(".label.visually-hidden, legend.visually-hidden");
    lines.push({ name: group && alone ? "" : labelOf(field), value: shown(field), group });
  }
  return lines;
}

/** @param {HTMLFormElement} form @returns {{name: string, value: string}[]} what looks as if it named a person */
export function hintsOf(form) {
  const found = [];
  for (const field of controls(form)) {
    if (field.disabled || !(field instanceof HTMLTextAreaElement || field.type === "text")) continue;
    const person = personIn(field.value);
    if (person) found.push({ name: labelOf(field), value: person });
  }
  return found;
}
