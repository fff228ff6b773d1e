// The exchange with the server as a page sees it: when to send, and the line that tells of it.
import { fetchAttachments } from "../offline/attachments.js";
import { startConnection } from "../offline/connection.js";
import { watchRescueKey } from "../offline/rescue.js";
import { provision as provisionNow } from "../offline/session.js";
import { askToKeep, storageAnswer } from "../offline/storage.js";
import { createSync } from "../offline/sync.js";
import { wireStatusLine } from "../ui/status_line.js";

/**
 * `opened`: the page's own first exchange; `attached`: when the files of bulletins are here; `saved`: something was saved,
 * send when possible.
 * @typedef {{sync: Gandan.Sync, opened: Promise<unknown>, attached: () => Promise<unknown>,
 *   saved: (reason?: "save" | "urgent") => void}} Exchange
 */

/**
 * @param {Gandan.Store} store
 * @param {boolean} provisioned the server has just said who this is
 * @returns {Exchange}
 */
export function startExchange(store, provisioned) {
  let attached = Promise.resolve();
  const fetchFiles = () => {
    attached = attached.then(() => fetchAttachments(store)).catch(() => {}); // the next exchange tries again
  };
  const sync = createSync({ store, storage: () => storageAnswer(), rested: fetchFiles });
  const connection = startConnection(sync);
  wireStatusLine(sync, connection.sendNow);
  if (!provisioned) watchPerson(sync, connection.opened);
  watchRescueKey(store, sync);
  const saved = (/** @type {"save" | "urgent" | undefined} */ reason) => {
    askToKeep();
    connection.saved(reason);
  };
  return { sync, opened: connection.opened, attached: () => attached, saved };
}

/**
 * Once, with signal: ask who is signed in, so that a new sign-in on this phone opens the right notebook.
 * @param {Gandan.Sync} sync @param {Promise<unknown>} opened the page's own first exchange
 */
export async function watchPerson(sync, opened, provision = provisionNow, reload = () => location.reload()) {
  const { problem: why, changed } = await provision().catch(() => ({ problem: true, changed: false }));
  if (changed) return reload();
  await opened; // it may have failed for want of what was just provided
  const mended = ["sign_in_required", "account_locked", "wrong_person"];
  if (!why && mended.includes(sync.state().problem?.code ?? "")) await sync.run("session");
}
