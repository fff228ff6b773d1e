// Photos of places and works: taken or chosen, made small on this phone, kept the moment they are there.
import { t } from "../messages.js";
import { keepPhoto, photoOf } from "../offline/media.js";
import { problem } from "../offline/problems.js";
import { byId } from "../ui/fill.js";
import { shrink } from "../ui/shrink.js";
import { addRow, repeaterOf, rowsOf } from "./repeater.js";

/** @param {Element} row @param {string} name @returns {HTMLInputElement | null} */
const part = (row, name) => row.querySelector(`[name$="-${name}"]`);

/**
 * @param {HTMLFormElement} form
 * @param {{store: Gandan.Store, changed: () => void, flush: () => Promise<void>}} page `flush` writes the draft now
 * @returns {{show: () => void, settled: () => Promise<Gandan.Problem | null>}} `show` after rows came or went;
 *   `settled` when every picture that was chosen is kept, with the reason if one cannot be
 */
export function wirePhotos(form, { store, changed, flush }) {
  const repeater = /** @type {HTMLElement} */ (repeaterOf(form, "photos"));
  const most = Number(repeater.dataset.repeaterMax);
  const buttons = /** @type {HTMLButtonElement[]} */ ([...form.querySelectorAll("[data-photo-from]")]);
  const told = byId("photo-status");
  /** @type {Map<string, string>} addresses of the pictures that are on this phone */
  const addresses = new Map();
  let busy = false;
  let working = Promise.resolve();
  /** @type {Gandan.Problem | null} */
  let refused = null;

  /** @param {string} code */
  function refuse(code) {
    refused = problem(code);
    return `${refused.message} ${refused.action}`;
  }

  function show() {
    const rows = rowsOf(repeater);
    for (const row of rows) showPicture(row);
    for (const button of buttons) button.disabled = busy || rows.length >= most;
  }

  /** @param {Element} row */
  async function showPicture(row) {
    const image = row.querySelector("img");
    const sha256 = part(row, "sha256")?.value;
    if (!image || !sha256 || image.dataset.shown === sha256) return;
    image.dataset.shown = sha256;
    if (!addresses.has(sha256)) {
      const blob = await photoOf(store, sha256).catch(() => null);
      addresses.set(sha256, blob ? URL.createObjectURL(blob) : `/sync/media/${sha256}`);
    }
    image.src = addresses.get(sha256) ?? "";
  }

  /** @param {File} file @returns {Promise<string>} what became of it, in words */
  async function add(file) {
    if (rowsOf(repeater).length >= most) return t("Mỗi phiếu nhiều nhất {n} ảnh.", { n: most });
    told.textContent = t("Đang thu nhỏ ảnh…");
    let bytes;
    try {
      bytes = await shrink(file);
    } catch {
      return refuse("unreadable_photo");
    }
    const { sha256, size } = await keepPhoto(store, bytes);
    if (rowsOf(repeater).some((row) => part(row, "sha256")?.value === sha256)) return t("Ảnh này đã có.");
    const row = addRow(form, "photos");
    for (const [name, value] of Object.entries({ sha256, size })) {
      const field = row && part(row, name);
      if (field) field.value = String(value);
    }
    show();
    changed();
    await flush();
    return t("Ảnh đã nằm trên máy ({n} kB).", { n: Math.ceil(size / 1000) });
  }

  for (const button of buttons) {
    const input = /** @type {HTMLInputElement} */ (button.nextElementSibling);
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", (event) => {
      event.stopPropagation(); // no answer of the form: nothing changed until a photo is kept
      const files = [...(input.files ?? [])];
      input.value = "";
      working = addAll(files);
    });
  }
  show();
  return {
    show,
    async settled() {
      if (!busy) return null;
      await working;
      return refused;
    },
  };

  /** @param {File[]} files */
  async function addAll(files) {
    busy = true;
    refused = null;
    show();
    try {
      for (const file of files) told.textContent = await add(file);
    } catch (error) {
      told.textContent = refuse(/** @type {any} */ (error)?.code ?? "unavailable");
    } finally {
      busy = false;
      show();
    }
  }
}
