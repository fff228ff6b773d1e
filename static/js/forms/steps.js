// One step of the form at a time. Without this script all of them stand below each other.
import { t } from "../messages.js";

/**
 * @param {HTMLFormElement} form
 * @param {{moved: (step: number) => void, next?: (step: number) => number}} page `moved` is called after each move
 */
export function createSteps(form, { moved, next = (step) => step + 1 }) {
  const pages = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-step-page]")]);
  const nav = form.querySelector(".steps");
  // The indicator says the name of the step already.
  for (const page of pages) page.querySelector("h2")?.classList.add("visually-hidden");
  let now = 1;

  /** @param {number} step @param {{focus?: boolean, remember?: boolean}} [how] */
  function show(step, { focus = true, remember = true } = {}) {
    const changed = step !== now;
    now = Math.min(pages.length, Math.max(1, step));
    pages.forEach((page, place) => {
      page.hidden = place + 1 !== now;
    });
    const page = pages[now - 1];
    const [count, name] = [nav?.querySelector(".steps-now strong"), nav?.querySelector(".steps-now span")];
    if (count) count.textContent = t("Bước {now}/{all}", { now, all: pages.length });
    if (name) name.textContent = page?.getAttribute("data-step-page") ?? "";
    nav?.querySelectorAll(".step").forEach((mark, place) => {
      mark.classList.toggle("step-now", place + 1 === now);
      mark.classList.toggle("step-done", place + 1 < now);
      if (place + 1 === now) mark.setAttribute("aria-current", "step");
      else mark.removeAttribute("aria-current");
    });
    if (remember && changed) history.pushState({ step: now }, "");
    moved(now);
    if (!focus) return;
    window.scrollTo(0, 0);
    page?.focus({ preventScroll: true });
  }

  form.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest?.("[data-go]");
    if (!button) return;
    const where = button.getAttribute("data-go") ?? "";
    show(where === "next" ? next(now) : where === "back" ? now - 1 : Number(where));
  });
  // The phone's back key goes one step back instead of leaving the page.
  window.addEventListener("popstate", (event) => show(event.state?.step ?? 1, { remember: false }));

  return {
    show,
    now: () => now,
    next: () => show(next(now)),
    /** Go to the step that holds this element. @param {Element} element */
    reveal(element) {
      const place = pages.findIndex((page) => page.contains(element));
      if (place >= 0 && place + 1 !== now) show(place + 1, { focus: false });
    },
  };
}
