// "Việc này thuộc loại nào?": asked in the form of a meeting. It is read when somebody asks.
import { addRow, repeaterOf, rowsOf } from "../forms/repeater.js";
import { t } from "../messages.js";
import { channelIn, kindsFor } from "../offline/kinds.js";
import { fill, fillList } from "../ui/fill.js";

export { channelIn };

/** @typedef {{choose: (kind: Gandan.Category) => void, redirect: (channel: string) => void}} Taker */

/** How many are shown for what was asked. */
const SHOWN = 4;

/** @param {Element} guide @param {string} list @param {string} value */
const labelOf = (guide, list, value) =>
  guide.querySelector(`[data-labels="${list}"] [data-value="${value}"]`)?.textContent?.trim() ?? value;

/**
 * @param {HTMLElement} guide the part of the page @param {Gandan.Category[]} categories what the server told
 * @param {Taker} taker what is done with what was found
 */
function wireGuide(guide, categories, taker) {
  const named = categories.map((one) => ({ ...one, name: labelOf(guide, "topics", one.code) }));
  const search = /** @type {HTMLInputElement} */ (guide.querySelector("#guide-search"));
  const list = /** @type {HTMLElement} */ (guide.querySelector("#guide-list"));
  const [kindsPart, elsewherePart] = ["kinds", "elsewhere"].map((name) =>
    guide.querySelector(`[aria-labelledby="guide-${name}"]`),
  );
  /** @type {typeof named} */
  let shown = [];

  function show() {
    const found = kindsFor(search.value, named);
    shown = search.value.trim() ? found.slice(0, SHOWN) : found;
    const channel = channelIn(search.value);
    if (channel) kindsPart?.before(elsewherePart ?? "");
    else elsewherePart?.before(kindsPart ?? "");
    for (const card of /** @type {NodeListOf<HTMLDetailsElement>} */ (
      guide.querySelectorAll("[data-channel]")
    )) {
      card.open = card.dataset.channel === channel;
      if (card.open) elsewherePart?.querySelector("h2")?.after(card);
    }
    fill(guide, {
      belongs_elsewhere: Boolean(channel),
      nothing: Boolean(search.value.trim()) && !found.length,
      untold: !categories.length,
    });
    fillList(
      list,
      "guide-row",
      shown.map((one) => ({
        name: one.name,
        level: t("Cấp giải quyết: {level}", { level: labelOf(guide, "levels", one.level) }),
        days: t("Thời hạn: {n} ngày làm việc", { n: one.days }),
        routing: t("Hỏi nơi nào: {routing}", { routing: one.routing }),
        basis: t("Căn cứ: {basis}", { basis: one.basis }),
        must_report: Boolean(one.must_report),
      })),
    );
  }

  search.addEventListener("input", show);
  guide.addEventListener("click", ({ target }) => {
    const button = /** @type {Element} */ (target).closest("button");
    const kind = shown[[...list.querySelectorAll("[data-choose]")].indexOf(/** @type {Element} */ (button))];
    const channel = button?.dataset.redirect;
    if (kind) taker.choose(kind);
    else if (channel) taker.redirect(channel);
  });
  show();
}

/** @param {Gandan.Store} store @returns {Promise<Gandan.Category[]>} */
const told = async (store) => (await store.get("meta", "categories"))?.list ?? [];

/**
 * Over the form of a meeting: what is found goes into the first petition without a category, or a new one.
 * @param {HTMLFormElement} form @param {Gandan.Store} store
 */
export async function openGuide(form, store) {
  const kept = await globalThis.caches?.match("/notebook/guide", { ignoreVary: true });
  const answer = kept ?? (await fetch("/notebook/guide", { credentials: "omit" }));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const guide = /** @type {HTMLElement} */ (
    document.importNode(/** @type {Node} */ (page.getElementById("guide")), true)
  );
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "guide-title");
  dialog.append(guide);
  dialog.addEventListener("close", () => dialog.remove());
  const rows = () => rowsOf(/** @type {Element} */ (repeaterOf(form, "petitions")));
  const fieldOf = (/** @type {Element | null} */ row, /** @type {string} */ name) =>
    /** @type {HTMLSelectElement | null} */ (row?.querySelector(`[name$="-${name}"]`) ?? null);
  const isOpen = (/** @type {Element} */ row) => !fieldOf(row, "category")?.value;
  const done = (/** @type {Element | null | undefined} */ field) => {
    field?.dispatchEvent(new Event("change", { bubbles: true }));
    dialog.close();
    /** @type {HTMLElement | null | undefined} */ (field)?.focus();
  };
  /** @type {Taker} */
  const taker = {
    choose({ code, level }) {
      const row = rows().find(isOpen) ?? addRow(form, "petitions");
      const category = fieldOf(row, "category");
      if (category) category.value = code;
      const pill = row?.querySelector(`[name$="-level"][value="${level}"]`);
      if (pill instanceof HTMLInputElement) pill.checked = true;
      done(category);
    },
    redirect(channel) {
      const list = /** @type {Element} */ (repeaterOf(form, "redirections"));
      const row = rowsOf(list).find((one) => fieldOf(one, "kind")?.value === channel);
      const made = row ?? addRow(form, "redirections");
      const [kind, count] = [fieldOf(made, "kind"), fieldOf(made, "count")];
      if (kind) kind.value = channel;
      if (count && row) count.value = String(Number(count.value) + 1);
      done(kind);
    },
  };
  document.body.append(dialog);
  const search = /** @type {HTMLInputElement} */ (guide.querySelector("#guide-search"));
  search.value = fieldOf(rows().find(isOpen) ?? null, "title")?.value ?? "";
  wireGuide(guide, await told(store), taker);
  guide.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  dialog.showModal();
}
