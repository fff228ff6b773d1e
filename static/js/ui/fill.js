// Fills the pages' own markup with what the phone knows. It sets text and attributes, and writes no markup.

/** @typedef {Record<string, any>} Data */

/** @param {ParentNode} root @param {string} attribute @returns {HTMLElement[]} */
const marked = (root, attribute) => [...root.querySelectorAll(/** @type {"div"} */ (`[${attribute}]`))];

/**
 * `data-text="name"` takes text, `data-link="id"` adds a value to the address it holds, `data-if="name"` and
 * `data-unless="name"` show and hide, `data-state-of="state"` keeps the one child whose `data-is` fits.
 * @template {ParentNode} T @param {T} root @param {Data} data @returns {T}
 */
export function fill(root, data) {
  for (const part of marked(root, "data-text")) {
    const value = data[part.dataset.text || "text"];
    if (value !== undefined) part.textContent = value ?? "";
  }
  for (const part of marked(root, "data-link")) {
    const value = data[part.dataset.link ?? ""];
    if (value === undefined) continue;
    part.dataset.address ??= part.getAttribute("href") ?? "";
    part.setAttribute("href", part.dataset.address + encodeURIComponent(value));
  }
  for (const part of marked(root, "data-if")) {
    if ((part.dataset.if ?? "") in data) part.hidden = !data[part.dataset.if ?? ""];
  }
  for (const part of marked(root, "data-unless")) {
    if ((part.dataset.unless ?? "") in data) part.hidden = Boolean(data[part.dataset.unless ?? ""]);
  }
  for (const part of marked(root, "data-state-of")) {
    const state = data[part.dataset.stateOf ?? ""];
    if (state === undefined) continue;
    for (const one of marked(part, "data-is")) one.hidden = one.dataset.is !== state;
  }
  return root;
}

/** @param {string} id @returns {DocumentFragment} a copy of the template's content */
export function copy(id) {
  const template = document.getElementById(id);
  if (!(template instanceof HTMLTemplateElement)) throw new Error(`no template ${id}`);
  return /** @type {DocumentFragment} */ (document.importNode(template.content, true));
}

/**
 * Show a list: one copy of the template for each item. Most of a row's markup is the states that it is not in, so they are
 * taken out once for all rows in the same state.
 * @param {Element | null} holder @param {string} template its id @param {Data[]} items
 */
export function fillList(holder, template, items) {
  const whole = copy(template);
  const names = marked(whole, "data-state-of").map((part) => part.dataset.stateOf ?? "");
  /** @type {Map<string, DocumentFragment>} */
  const kinds = new Map();
  const rows = items.map((item) => {
    const state = JSON.stringify(names.map((name) => item[name]));
    let kind = kinds.get(state);
    if (!kind) {
      kind = /** @type {DocumentFragment} */ (whole.cloneNode(true));
      for (const part of marked(kind, "data-state-of")) {
        const is = item[part.dataset.stateOf ?? ""];
        for (const one of is === undefined ? [] : marked(part, "data-is"))
          if (one.dataset.is !== is) one.remove();
      }
      kinds.set(state, kind);
    }
    return fill(/** @type {DocumentFragment} */ (kind.cloneNode(true)), item);
  });
  holder?.replaceChildren(...rows);
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}
