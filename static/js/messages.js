// Words for the screen: Vietnamese is the message's key, a translation is looked up when the page carries one.

/** @type {Record<string, string> | undefined} */
let translations;

/** @type {Intl.NumberFormat | undefined} */
let format;
const page = () => (typeof document === "undefined" ? null : document);

function load() {
  const holder = page()?.getElementById("messages");
  return JSON.parse(holder?.textContent?.trim() || "{}");
}

/** A number as the page's language writes it. @param {number} value */
export function number(value) {
  if (value >= 0 && value < 1000 && Number.isInteger(value)) return String(value); // as everybody writes it
  format ??= new Intl.NumberFormat(page()?.documentElement.lang || "vi");
  return format.format(value);
}

/**
 * @param {string} vietnamese
 * @param {Record<string, string | number>} [params] what stands for `{name}`
 */
export function t(vietnamese, params = {}) {
  translations ??= /** @type {Record<string, string>} */ (load());
  const text = translations[vietnamese] || vietnamese;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = params[name] ?? whole;
    return typeof value === "number" ? number(value) : value;
  });
}
