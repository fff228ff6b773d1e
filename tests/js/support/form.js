// As much of a form as reading and checking need: fields with the properties that browsers give them.

class Field {
  tagName = "INPUT";
  disabled = false;
  defaultValue = "";
  checked = false;
  defaultChecked = false;
  min = "";
  max = "";
  required = false;
  type = "text";
  value = "";
  /** @type {Record<string, string>} */
  dataset = {};
  /** @type {Record<string, boolean>} */
  validity = {};
  /** @param {string} name @param {object} more */
  constructor(name, more) {
    this.name = name;
    Object.assign(this, more);
    if (this.type !== "number" || this.value === "") return;
    const value = Number(this.value);
    this.validity = {
      badInput: Number.isNaN(value),
      stepMismatch: !Number.isInteger(value),
      rangeUnderflow: this.min !== "" && value < Number(this.min),
      rangeOverflow: this.max !== "" && value > Number(this.max),
      ...this.validity,
    };
  }
  /** @param {string} selector */
  matches(selector) {
    if (selector.includes("[name]")) return Boolean(this.name);
    return selector.includes("[data-needed]") && this.required;
  }
}
class Input extends Field {}
class Area extends Field {}
class Select extends Field {}
Object.assign(globalThis, { HTMLInputElement: Input, HTMLTextAreaElement: Area, HTMLSelectElement: Select });

const at = (/** @type {any} */ Kind, /** @type {object} */ always = {}) => {
  return (/** @type {string} */ name, /** @type {any} */ value = "", /** @type {object} */ more = {}) =>
    new Kind(name, { value, ...always, ...more });
};
export const text = at(Input);
export const hidden = at(Input, { type: "hidden" });
export const number = at(Input, { type: "number" });
export const date = at(Input, { type: "date" });
export const time = at(Input, { type: "time" });
export const area = at(Area, { tagName: "TEXTAREA", type: "textarea" });
export const select = at(Select, { tagName: "SELECT", type: "select-one", options: [] });
export const box = (/** @type {string} */ name, /** @type {boolean} */ checked = true) =>
  new Input(name, { type: "checkbox", value: "y", checked });
export const radio = (
  /** @type {string} */ name,
  /** @type {string} */ value,
  /** @type {object} */ more = {},
) => new Input(name, { type: "radio", value, ...more });

/** @param {...Field} fields @returns {HTMLFormElement} */
export function form(...fields) {
  const elements = Object.assign([...fields], {
    namedItem: (/** @type {string} */ name) => fields.find((field) => field.name === name) ?? null,
  });
  return /** @type {any} */ ({ elements });
}
