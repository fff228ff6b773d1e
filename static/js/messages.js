// Words for the screen: Vietnamese is the message's key, a translation is looked up when the page carries one.

/** @type {Record<string, string> | undefined} */
let translations;

function load() {
  const holder = typeof document === "undefined" ? null : document.getElementById("messages");
  return JSON.parse(holder?.textContent?.trim() || "{}");
}

/**
 * @param {string} vietnamese
 * @param {Record<string, string | number>} [params] what stands for `{name}`
 */
export function t(vietnamese, params = {}) {
  translations ??= /** @type {Record<string, string>} */ (load());
  const text = translations[vietnamese] || vietnamese;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(params[name] ?? whole));
}
