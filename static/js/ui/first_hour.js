// Where nothing can be kept, no draft may be started: the page says so, and what to do, before anything is typed.

/** @typedef {"insecure" | "in_app" | "iphone" | "unable" | null} Trouble */

/**
 * @param {{secure: boolean, agent: string, worker: boolean, database: boolean, standalone: boolean}} phone
 * @returns {Trouble} what stands in the way of keeping things here
 */
export function troubleOf({ secure, agent, worker, database, standalone }) {
  if (!secure) return "insecure";
  const inApp = /Zalo|FBA[NV]|FB_IAB|Instagram|Line\/|MicroMessenger|; wv\)/i.test(agent);
  if (inApp) return "in_app";
  const iphone = /iPhone|iPad|iPod/.test(agent);
  if (!worker) return iphone ? "in_app" : "unable";
  if (!database) return "unable";
  // A tab on an iPhone is emptied after seven days without a visit; on the home screen it is kept.
  return iphone && !standalone ? "iphone" : null;
}

/** Of this browser. @returns {Trouble} */
export const troubleHere = () =>
  troubleOf({
    secure: globalThis.isSecureContext,
    agent: navigator.userAgent,
    worker: "serviceWorker" in navigator,
    database: Boolean(globalThis.indexedDB),
    standalone:
      matchMedia("(display-mode: standalone)").matches || Boolean(/** @type {any} */ (navigator).standalone),
  });

/**
 * Show the notice instead of the page if the phone cannot keep things.
 * @param {Trouble} [trouble] @returns {boolean} whether it is shown
 */
export function isTroubled(trouble = troubleHere()) {
  const notice = document.getElementById("first-hour");
  if (!trouble || !notice) return false;
  for (const part of notice.querySelectorAll("[data-trouble]")) {
    const fits = (part.getAttribute("data-trouble") ?? "").split(" ").includes(trouble);
    /** @type {HTMLElement} */ (part).hidden = !fits;
  }
  notice.hidden = false;
  const content = document.getElementById("notebook");
  if (content) content.hidden = true;
  const link = /** @type {HTMLInputElement | null} */ (notice.querySelector("#page-link"));
  if (link) link.value = location.href;
  notice.querySelector("[data-copy]")?.addEventListener("click", async (event) => {
    link?.select();
    const copied = await navigator.clipboard?.writeText(location.href).then(
      () => true,
      () => false,
    );
    // Older browsers: the text is selected, and this still copies it.
    if (copied || document.execCommand("copy")) {
      const button = /** @type {Element} */ (event.currentTarget);
      button.querySelector("span")?.replaceChildren(button.getAttribute("data-copied") ?? "");
    }
  });
  return true;
}
