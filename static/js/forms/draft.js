// Every keystroke is kept on the phone: one write at a time, each strict, never later than a moment after the keystroke.
import { dropDraft, saveDraft } from "../offline/outbox.js";

const WITHIN = 300;

/**
 * @param {{
 *   store: Gandan.Store, read: () => Gandan.Draft | null,
 *   told?: (state: "writing" | "kept" | "failed", code?: string) => void, within?: number,
 * }} sources `read` takes what stands in the form; null keeps nothing
 */
export function createKeeper({ store, read, told = () => {}, within = WITHIN }) {
  let dirty = false;
  let stopped = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Promise<void> | null} */
  let writing = null;

  async function write() {
    try {
      while (dirty && !stopped) {
        dirty = false;
        const draft = read();
        if (draft) await saveDraft(store, draft);
      }
      told("kept");
    } catch (error) {
      dirty = true;
      told("failed", /** @type {any} */ (error)?.code);
    } finally {
      writing = null;
    }
  }

  /** Write now what has not been written. */
  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (dirty && !stopped) writing ??= write();
    return writing ?? Promise.resolve();
  }

  return {
    flush,
    /** Something changed. */
    touch() {
      if (stopped) return;
      if (!dirty) told("writing");
      dirty = true;
      timer ??= setTimeout(flush, within);
    },
    isDirty: () => dirty,
    /** Keep nothing more: the form has been saved, or is given up. */
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await writing;
    },
    resume() {
      stopped = false;
    },
    /** @param {string} id */
    async drop(id) {
      await this.stop();
      await dropDraft(store, id);
    },
  };
}
