// The form and the record: what stands in the fields as a body that travels, and back.
// A box that holds its default says nothing; text is tidied here, at save, and never while it is typed.
import { addRow, clearRows } from "./repeater.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */
/** @typedef {{id: string, rev: number, body: Gandan.Body}} PetitionPart */

/** Names of the page itself, not of the record. */
const OWN = ["csrf_token", "id", "base_rev", "opened", "petitions"];

/** @param {HTMLFormElement} form @returns {Control[]} the named fields, also those that do not apply now */
export const controls = (form) =>
  /** @type {Control[]} */ (
    [...form.elements].filter((one) => one.matches("input[name], select[name], textarea[name]"))
  );

/** @param {string} text */
export const tidy = (text) => text.normalize("NFC").trim();

/** @param {Control} field @returns {boolean} whether it stands as the page came */
function isDefault(field) {
  if (field instanceof HTMLSelectElement) {
    return field.value === ([...field.options].find((option) => option.defaultSelected)?.value ?? "");
  }
  if (field.type === "radio") return /** @type {HTMLInputElement} */ (field).defaultChecked;
  if (field.type === "date") return false;
  return field.value.trim() === field.defaultValue.trim();
}

/** @param {Control} field @returns {string | number | boolean | undefined} what it says, if it says anything */
export function said(field) {
  if (field instanceof HTMLInputElement) {
    if (field.type === "checkbox") return field.checked || undefined;
    if (field.type === "radio" && !field.checked) return undefined;
    if (field.type === "number")
      return field.value === "" || isDefault(field) ? undefined : Number(field.value);
  }
  // A hidden field has no other default than what was put into it.
  if (field.type === "hidden") {
    if (!field.value) return undefined;
    return "number" in field.dataset ? Number(field.value) : field.value;
  }
  if (field.value.trim() === "" || isDefault(field)) return undefined;
  return tidy(field.value);
}

/** @param {string} name @returns {[string, number, string] | null} list, place and field of a row's field */
export function rowPath(name) {
  const [, list, index, field] = /^(\w+)-(\d+)-(\w+)$/.exec(name) ?? [];
  return list && index && field ? [list, Number(index), field] : null;
}

/**
 * Read what is said. Fields that do not apply are disabled and say nothing; rows in which nothing is said are left out.
 * @param {HTMLFormElement} form
 * @returns {{meeting: Gandan.Body, petitions: PetitionPart[]}}
 */
export function readBody(form) {
  /** @type {Gandan.Body} */
  const meeting = {};
  /** @type {Map<string, Map<number, Gandan.Body>>} */
  const lists = new Map();
  for (const field of controls(form)) {
    if (field.disabled || OWN.includes(field.name)) continue;
    const path = rowPath(field.name);
    const value = path?.[0] === "petitions" && ["id", "rev"].includes(path[2]) ? undefined : said(field);
    if (value === undefined) continue;
    if (!path) meeting[field.name] = value;
    else {
      const rows = lists.get(path[0]) ?? new Map();
      lists.set(path[0], rows);
      rows.set(path[1], { ...rows.get(path[1]), [path[2]]: value });
    }
  }
  for (const [list, rows] of lists) if (list !== "petitions") meeting[list] = [...rows.values()];
  const petitions = [...(lists.get("petitions") ?? [])].map(([index, body]) => ({
    id: textOf(form, `petitions-${index}-id`),
    rev: Number(textOf(form, `petitions-${index}-rev`)),
    body,
  }));
  return { meeting, petitions };
}

/** @param {HTMLFormElement} form @param {string} name @returns {string} */
export function textOf(form, name) {
  const field = form.elements.namedItem(name);
  return field && "value" in field ? String(field.value) : "";
}

/** @param {HTMLFormElement} form @param {string} name @param {unknown} value */
export function setValue(form, name, value) {
  for (const field of controls(form)) {
    if (field.name !== name) continue;
    if (field instanceof HTMLInputElement && field.type === "radio")
      field.checked = field.value === String(value);
    else if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = Boolean(value);
    else field.value = String(value ?? "");
  }
}

/**
 * Put a record into the form, a freshly loaded page.
 * @param {HTMLFormElement} form @param {Gandan.Body} meeting @param {PetitionPart[]} petitions
 */
export function fillForm(form, meeting, petitions = []) {
  /** @type {Record<string, Gandan.Body[]>} */
  const lists = { petitions: petitions.map(({ id, rev, body }) => ({ ...body, id, rev })) };
  for (const [name, value] of Object.entries(meeting)) {
    if (Array.isArray(value)) lists[name] = value;
    else setValue(form, name, typeof value === "string" ? value.replace(/(T?\d\d:\d\d):00$/, "$1") : value);
  }
  for (const [list, rows] of Object.entries(lists)) {
    clearRows(form, list);
    rows.forEach((row, index) => {
      addRow(form, list, index);
      for (const [field, value] of Object.entries(row)) setValue(form, `${list}-${index}-${field}`, value);
    });
  }
}

/** @typedef {[name: string, value: string | boolean]} Typed */

/** Everything that stands in the form, letter for letter. @param {HTMLFormElement} form @returns {Typed[]} */
export function snapshot(form) {
  /** @type {Typed[]} */
  const typed = [];
  for (const field of controls(form)) {
    if (field instanceof HTMLInputElement && field.type === "radio") {
      if (field.checked) typed.push([field.name, field.value]);
    } else if (field instanceof HTMLInputElement && field.type === "checkbox")
      typed.push([field.name, field.checked]);
    else typed.push([field.name, field.value]);
  }
  return typed;
}

/** @param {HTMLFormElement} form @param {Typed[]} typed */
export function restore(form, typed) {
  /** @type {Map<string, Set<number>>} */
  const lists = new Map();
  for (const list of form.querySelectorAll("[data-repeater]"))
    lists.set(list.getAttribute("data-repeater") ?? "", new Set());
  for (const [name] of typed) {
    const path = rowPath(name);
    if (path) lists.get(path[0])?.add(path[1]);
  }
  for (const [list, indexes] of lists) {
    clearRows(form, list);
    for (const index of indexes) addRow(form, list, index);
  }
  for (const [name, value] of typed) setValue(form, name, value);
}
