// Every keystroke is kept on the phone: one write at a time, each strict, never later than a moment after the keystroke.
import { dropDraft, saveDraft } from "../offline/outbox.js";

const WITHIN = 300;

/**
 * @param {{
 *   store: Gandan.Store, hold: Gandan.Hold, read: () => Omit<Gandan.Draft, "id"> | null,
 *   told?: (state: "writing" | "kept" | "apart" | "failed", code?: string) => void, within?: number,
 * }} sources `read` takes what stands in the form; null keeps nothing. "apart": another window writes the draft too, and
 *   from now on this form has one of its own
 */
export function createKeeper({ store, hold, read, told = () => {}, within = WITHIN }) {
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
        if (!draft) continue;
        const { found, id, ...of } = hold;
        hold.id = await saveDraft(store, { ...draft, ...of, id }, found);
        if (hold.id === id) continue;
        hold.record_id ??= id;
        told("apart");
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
    async drop() {
      await this.stop();
      await dropDraft(store, hold);
    },
  };
}
