// Offers a new version of the app; it takes over only when nothing is being typed.

/** What was chosen last; the page itself may still be a kept one in the other language. */
const chosen = () => {
  const { cookie = "", documentElement } = globalThis.document ?? {};
  return /(?:^|; )lang=(\w+)/.exec(cookie)?.[1] ?? documentElement?.lang ?? "vi";
};

/**
 * @param {{worker?: ServiceWorkerContainer, language?: string, isBusy?: () => boolean, reload?: () => void}} [sources]
 * @returns {{subscribe: (listener: (waiting: boolean) => void) => () => void, apply: () => boolean, start: () => Promise<void>}}
 */
export function createUpdates({
  worker = globalThis.navigator?.serviceWorker,
  language = chosen(),
  isBusy = () => false,
  reload = () => location.reload(),
} = {}) {
  /** @type {Set<(waiting: boolean) => void>} */
  const listeners = new Set();
  /** @type {ServiceWorker | null} */
  let waiting = null;
  let reloaded = false;

  /** @param {ServiceWorkerRegistration} registration */
  function look(registration) {
    // Without an active worker this is the first installation, not an update.
    waiting = registration.active ? registration.waiting : null;
    for (const listener of listeners) listener(Boolean(waiting));
  }

  return {
    /** Call it once the page is usable: the first download should not compete with it. */
    async start() {
      if (!worker) return;
      const query = language.startsWith("vi") ? "" : `?lang=${encodeURIComponent(language)}`;
      const first = !worker.controller;
      worker.addEventListener("controllerchange", () => {
        if (first || reloaded || isBusy()) return;
        reloaded = true;
        reload();
      });
      const registration = await worker.register(`/service_worker.js${query}`, {
        scope: "/",
        updateViaCache: "none",
      });
      registration.addEventListener("updatefound", () => {
        registration.installing?.addEventListener("statechange", () => look(registration));
      });
      look(registration);
    },
    subscribe(listener) {
      listeners.add(listener);
      listener(Boolean(waiting));
      return () => listeners.delete(listener);
    },
    /** False when a form is open: ask again later. */
    apply() {
      if (!waiting || isBusy()) return false;
      waiting.postMessage("skipWaiting");
      return true;
    },
  };
}
