// When to sync. Every trigger only says "now would be a good time"; sync.js decides what there is to do.

/**
 * @param {Gandan.Sync} sync
 * @param {{window?: Window, document?: Document, worker?: ServiceWorkerContainer | null}} [sources]
 * @returns {Gandan.Connection}
 */
export function startConnection(
  sync,
  {
    window = globalThis.window,
    document = globalThis.document,
    worker = globalThis.navigator?.serviceWorker ?? null,
  } = {},
) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let stopped = false;

  /** @param {string} reason */
  async function run(reason) {
    try {
      return await sync.run(reason);
    } finally {
      clearTimeout(timer);
      if (!stopped)
        timer = setTimeout(() => document.visibilityState === "visible" && run("timer"), sync.delay());
    }
  }
  const visible = () => document.visibilityState === "visible" && run("visible");
  const online = () => run("online");
  const offline = () => run("offline");
  const message = (/** @type {MessageEvent} */ event) => event.data?.type === "sync" && run("background");

  document.addEventListener("visibilitychange", visible);
  window.addEventListener("online", online);
  window.addEventListener("offline", offline);
  worker?.addEventListener("message", message);
  const opened = run("open").catch(() => {});

  return {
    opened,
    saved(reason = "save") {
      run(reason);
      // A bonus where it exists; never relied upon.
      worker?.ready
        .then((/** @type {any} */ registration) => registration.sync?.register("gandan-outbox"))
        .catch(() => {});
    },
    sendNow: () => run("button"),
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", visible);
      window.removeEventListener("online", online);
      window.removeEventListener("offline", offline);
      worker?.removeEventListener("message", message);
    },
  };
}
