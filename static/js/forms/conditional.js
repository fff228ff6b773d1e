// Fields that matter only under a condition: `data-when="status=held|moved"`. Hidden fields are disabled, and say nothing.
import { controls } from "./body.js";

/** @param {HTMLFormElement} form @param {string} name @returns {string | null} its value; null while it does not apply itself */
function answer(form, name) {
  for (const field of controls(form)) {
    if (field.name !== name || field.disabled) continue;
    if (field instanceof HTMLInputElement && field.type === "radio" && !field.checked) continue;
    if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked ? "y" : "";
    return field.value;
  }
  return null;
}

/** @param {HTMLFormElement} form */
export function applyConditions(form) {
  // In the order of the page: a condition may hang on a field that has a condition itself.
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name = "", wanted = ""] = (part.getAttribute("data-when") ?? "").split("=");
    const applies = wanted.split("|").includes(answer(form, name) ?? "\0");
    /** @type {HTMLElement} */ (part).hidden = !applies;
    for (const field of part.querySelectorAll("input, select, textarea, button")) {
      /** @type {HTMLInputElement} */ (field).disabled = !applies;
    }
  }
}
