// What becomes of it when an author says which of two versions stands.
import { uuid7 } from "../offline/ids.js";

/** This page as a form of its own: it has seen what it shows, and nothing that another window has saved since. */
const form = uuid7();

/**
 * The version that was chosen, saved again on top of all that the page shows.
 * @param {"meeting" | "petition"} kind @param {string} entry @param {Gandan.View} view
 * @param {Pick<Gandan.Version, "body" | "withdrawal">} version @returns {Gandan.Operation}
 */
export const choiceOf = (kind, entry, view, { body, withdrawal }) => ({
  kind: `${kind}.${withdrawal ? "withdraw" : "save"}`,
  id: view.id,
  entry,
  base_rev: view.rev,
  settles: view.settles,
  form,
  body: body ?? {},
});
