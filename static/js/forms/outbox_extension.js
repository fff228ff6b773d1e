// Hands a submitted form to the outbox instead of the network: htmx asks, the phone answers with a fragment the page carries.
// Whether there is a network is never asked here.

/** @typedef {{template: string, fill?: (fragment: DocumentFragment) => void, status?: number}} Answer */
/** @typedef {{form: HTMLFormElement, check: () => boolean, save: () => Promise<Answer>}} Receiver */

/** @param {Answer} answer @returns {Response} */
function fragment({ template, fill, status = 200 }) {
  const source = /** @type {HTMLTemplateElement} */ (document.getElementById(template));
  const copy = /** @type {HTMLTemplateElement} */ (source.cloneNode(true));
  fill?.(copy.content);
  return new Response(copy.innerHTML, { status, headers: { "Content-Type": "text/html; charset=utf-8" } });
}

/**
 * @param {Receiver} receiver `check` says whether the form may be saved; `save` answers when it is on the disk
 */
export function receive({ form, check, save }) {
  const { htmx } = /** @type {any} */ (globalThis);
  htmx.registerExtension("outbox", {
    /** @param {Element} element @param {any} detail */
    htmx_config_request(element, detail) {
      if (element !== form) return undefined;
      if (!check()) return false;
      detail.ctx.fetch = async () => fragment(await save());
      return undefined;
    },
  });
}
