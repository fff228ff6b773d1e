// Offers a new version of the app; it takes over only when nothing is being typed.

/** What was chosen last; the page itself may still be a kept one in the other language. */
const chosen = () => {
  const { cookie = "", documentElement } = globalThis.document ?? {};
  return /(?:^|; )lang=(\w+)/.exec(cookie)?.[1] ?? documentElement?.lang ?? "vi";
};

/**
 * @param {{worker?: ServiceWorkerContainer, language?: string, isBusy?: () => boolean, reload?: () => void}} [sources]
 * @returns {Gandan.Updates}
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
  /** Asked for by a tap: taken as soon as it is here. */
  let wanted = false;
  /** @type {ServiceWorkerRegistration | undefined} */
  let registered;

  function apply() {
    if (!waiting || isBusy()) return false;
    waiting.postMessage("skipWaiting");
    return true;
  }

  /** @param {ServiceWorkerRegistration} registration */
  function look(registration) {
    // Without an active worker this is the first installation, not an update.
    waiting = registration.active ? registration.waiting : null;
    for (const listener of listeners) listener(Boolean(waiting));
    if (wanted) apply();
  }

  return {
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
      registered = registration;
      look(registration);
    },
    async seek() {
      if (isBusy()) return "busy";
      wanted = true;
      if (apply()) return "coming";
      await registered?.update().catch(() => {});
      return registered?.installing || waiting ? "coming" : "none";
    },
    subscribe(listener) {
      listeners.add(listener);
      listener(Boolean(waiting));
      return () => listeners.delete(listener);
    },
    apply,
  };
}
