// The checks of the record, told next to the field before saving. The same rules and the same sentences as
// webapp/meetings/records.py and webapp/forms.py; the bounds are the rendered attributes. Nothing is ever taken away.
import { t } from "../messages.js";
import { controls, readBody, rowPath, said, textOf, tidy } from "./body.js";

/** @typedef {{name: string, message: string}} Fault */

/** @param {import("./body.js").Control} field @returns {string | null} what is wrong with it alone */
function bounds(field) {
  const { validity } = field;
  const { min, max, type } = /** @type {HTMLInputElement} */ (field);
  if (validity.badInput || validity.stepMismatch) {
    return type === "number"
      ? t("Cần một số nguyên.")
      : type === "date"
        ? t("Ngày không đúng.")
        : t("Giờ không đúng.");
  }
  // A year typed by half, or with a digit too many.
  if (type.startsWith("date") && field.value && !/^(19|20|21)\d\d-/.test(field.value))
    return t("Ngày không đúng.");
  if (validity.rangeUnderflow) return t("Số phải từ {min} trở lên.", { min });
  if (validity.rangeOverflow) return t("Số phải từ {max} trở xuống.", { max });
  const text = tidy(field.value);
  const length = [...text].length;
  const { minlength, maxlength } = field.dataset;
  if (maxlength && length > Number(maxlength))
    return t("Dài quá: nhiều nhất {max} chữ cái.", { max: maxlength });
  if (minlength && length && length < Number(minlength))
    return t("Viết ít nhất {min} chữ cái.", { min: minlength });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that cannot be stored
  if (/[\0-\x08\x0b\x0c\x0e-\x1f]/.test(text)) return t("Nội dung có ký tự không đọc được.");
  return null;
}

/** @param {HTMLFormElement} form @param {import("./body.js").Control} field */
function isUnanswered(form, field) {
  if (field.type !== "radio") return field.value.trim() === "";
  return !controls(form).some(
    (one) => one.name === field.name && /** @type {HTMLInputElement} */ (one).checked,
  );
}

/**
 * Which answers cannot both be true, the most important first.
 * @param {HTMLFormElement} form
 * @returns {Fault[]}
 */
function contradictions(form) {
  const { meeting, petitions } = readBody(form);
  /** @type {Fault[]} */
  const found = [];
  const say = (/** @type {string} */ name, /** @type {string} */ message) => found.push({ name, message });
  if (meeting.status === "not_held") {
    if (!meeting.not_held_reason) say("not_held_reason", t("Chọn lý do không họp."));
    return found;
  }
  if (meeting.households_present === undefined) say("households_present", t("Ghi số hộ dự họp."));
  else if (meeting.households_present > (meeting.households_total ?? Infinity)) {
    say("households_present", t("Số hộ dự nhiều hơn tổng số hộ của tổ."));
  }
  if (meeting.start && meeting.end && meeting.end <= meeting.start)
    say("end", t("Giờ kết thúc phải sau giờ bắt đầu."));
  if (meeting.nothing_raised && petitions.length)
    say("nothing_raised", t("Đã ghi kiến nghị thì bỏ chọn ô này."));
  return found;
}

/**
 * @param {HTMLFormElement} form @param {(form: HTMLFormElement) => Fault[]} [also] what answers say against each other
 * @returns {Fault[]} in the order of the page
 */
export function faultsOf(form, also = contradictions) {
  const used = new Set();
  for (const field of controls(form)) {
    const path = rowPath(field.name);
    if (path && said(field) !== undefined && !/^petitions-\d+-(id|rev)$/.test(field.name))
      used.add(`${path[0]}-${path[1]}`);
  }
  /** @type {Map<string, Fault>} */
  const faults = new Map();
  for (const field of controls(form)) {
    const path = rowPath(field.name);
    if (field.disabled || field.type === "hidden" || faults.has(field.name)) continue;
    const needed =
      field.matches("[aria-required=true], [data-needed]") && (!path || used.has(`${path[0]}-${path[1]}`));
    const message =
      bounds(field) ??
      (needed && isUnanswered(form, field)
        ? field.type === "radio" || field.tagName === "SELECT"
          ? t("Cần chọn một mục.")
          : t("Cần điền ô này.")
        : null);
    if (message) faults.set(field.name, { name: field.name, message });
  }
  for (const fault of also(form)) if (!faults.has(fault.name)) faults.set(fault.name, fault);
  const order = controls(form).map((field) => field.name);
  return [...faults.values()].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

/** @param {HTMLFormElement} form @param {string} name @returns {HTMLElement | null} */
const firstOf = (form, name) => controls(form).find((field) => field.name === name) ?? null;

/** @param {Element} wrapper */
export function clearFault(wrapper) {
  wrapper.querySelector(":scope > .errors")?.remove();
  wrapper.classList.remove("field-bad");
  for (const field of wrapper.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    const kept = (field.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .filter((id) => !id.endsWith("-error"));
    if (kept.join("")) field.setAttribute("aria-describedby", kept.join(" "));
    else field.removeAttribute("aria-describedby");
  }
}

/**
 * Put each sentence beside its field.
 * @param {HTMLFormElement} form @param {Fault[]} faults
 * @returns {HTMLElement | null} the first field at fault
 */
export function showFaults(form, faults) {
  for (const wrapper of form.querySelectorAll(".field-bad")) clearFault(wrapper);
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("error-template"));
  for (const { name, message } of faults) {
    const field = firstOf(form, name);
    const wrapper = field?.closest(".field");
    if (!field || !wrapper || !template) continue;
    const list = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    const text = list.querySelector("[data-text]");
    if (text) text.textContent = message;
    list.id = `${name}-error`;
    wrapper.append(list);
    wrapper.classList.add("field-bad");
    field.setAttribute("aria-invalid", "true");
    field.setAttribute(
      "aria-describedby",
      `${field.getAttribute("aria-describedby") ?? ""} ${list.id}`.trim(),
    );
  }
  return faults[0] ? firstOf(form, faults[0].name) : null;
}

/** A date that has not come yet is unusual, not wrong. @param {HTMLFormElement} form @param {string} today */
export const isInFuture = (form, today) => textOf(form, "meeting_date") > today;
