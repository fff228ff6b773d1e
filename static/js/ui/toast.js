// A short word at the edge of the screen.
import { fill } from "./fill.js";

/** @param {string} text */
export function toast(text) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("toast-template"));
  const holder = document.getElementById("toasts");
  if (!template || !holder) return;
  const one = fill(/** @type {DocumentFragment} */ (document.importNode(template.content, true)), { text });
  const box = one.firstElementChild;
  holder.replaceChildren(one);
  setTimeout(() => box?.remove(), 6000);
}

/**
 * Say a notice at the edge of the screen too, where whoever types has scrolled past it.
 * @param {Element} notice
 */
export function toastIfUnseen(notice) {
  const line = document.getElementById("sync-status")?.getBoundingClientRect().bottom ?? 0;
  const { top, height } = notice.getBoundingClientRect();
  if (height && top < line) toast(notice.textContent?.trim().replace(/\s+/g, " ") ?? "");
}
