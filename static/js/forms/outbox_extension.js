// Hands a submitted form to the outbox instead of the network: htmx asks, the phone answers with a fragment the page carries.
// Whether there is a network is never asked here.

/** @typedef {{template: string, fill?: (fragment: DocumentFragment) => void, status?: number}} Answer */
/**
 * @typedef {{form: HTMLFormElement, check: () => boolean, save: () => Promise<Answer>,
 *   failed: (error: any) => void}} Receiver
 */

/** @param {Answer} answer @returns {Response} */
function fragment({ template, fill, status = 200 }) {
  const source = /** @type {HTMLTemplateElement} */ (document.getElementById(template));
  const copy = /** @type {HTMLTemplateElement} */ (source.cloneNode(true));
  fill?.(copy.content);
  return new Response(copy.innerHTML, { status, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

/** @param {string} address @returns {Promise<any>} */
function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    // It takes the page over in a task of its own, which it has just asked for.
    script.onload = () => setTimeout(() => resolve(/** @type {any} */ (globalThis).htmx));
    script.onerror = () => {
      script.remove();
      reject(Object.assign(new Error(address), { code: "unreachable" }));
    };
    document.head.append(script);
  });
}

/**
 * Begin to receive. htmx is only needed for saving, so it comes when the form can be used already;
 * a form submitted sooner waits for it.
 * @param {Receiver} receiver `check` says whether the form may be saved; `save` answers when it is on the disk;
 *   `failed` is told why htmx did not come
 */
export function receive({ form, check, save, failed }) {
  /** @type {Promise<void> | null} */
  let coming = null;
  let here = false;
  async function fetchHtmx() {
    const htmx = await load(form.dataset.htmx ?? "");
    htmx.registerExtension("outbox", {
      /** @param {Element} element @param {any} detail */
      htmx_config_request(element, detail) {
        if (element !== form) return undefined;
        if (!check()) return false;
        detail.ctx.fetch = async () => fragment(await save());
        return undefined;
      },
    });
    here = true;
  }
  const come = () => {
    coming ??= fetchHtmx().catch((error) => {
      coming = null;
      throw error;
    });
    return coming;
  };
  form.addEventListener(
    "submit",
    (event) => {
      if (here) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      come().then(() => form.requestSubmit(), failed);
    },
    { capture: true },
  );
  // Not before the form is painted; what fails is asked for again when there is something to save.
  requestAnimationFrame(() => setTimeout(() => come().catch(() => {})));
}
