// The − and + beside a count.

/** @param {HTMLElement} root */
export function wireSteppers(root) {
  root.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest?.("[data-step]");
    const input = button?.closest("[data-stepper]")?.querySelector("input");
    if (!button || !input) return;
    const now = Number(input.value || input.placeholder || 0);
    const [least, most] = [Number(input.min || -Infinity), Number(input.max || Infinity)];
    input.value = String(Math.min(most, Math.max(least, now + Number(button.getAttribute("data-step")))));
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
