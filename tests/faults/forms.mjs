// Forms as people have them open: filled from the notebook at one moment, and saved at any later one.
import { openEntry } from "../../static/js/forms/entry.js";

/** @typedef {Awaited<ReturnType<typeof import("./phone.mjs").viewsOf>>} Shown */
/** @typedef {Gandan.EntryView | Gandan.PetitionView | Gandan.FlashView} View */
/**
 * What a form says of one record: what it was filled with, and which of its operations were known then.
 * @typedef {{kind: "meeting" | "petition" | "flash_report", id: string, base_rev: number, seen?: Gandan.Seen, settles?: string[],
 *   body: Gandan.Body, knows: Set<string>}} Part
 */
/** @typedef {{name: string, parts: Part[]}} Form */

/** @param {View} view @returns {Part["kind"]} */
export const kindOf = (view) =>
  "meeting_date" in view ? "meeting" : "title" in view ? "petition" : "flash_report";

/** What this phone knows of a record. @param {Shown} shown @param {string} id @returns {Set<string>} */
export function knownOf({ records, sent, outbox, quarantine }, id) {
  const own = (/** @type {any} */ row) => row.record_id === id;
  const revisions = records.find((record) => record.id === id)?.revisions ?? [];
  const rows = [...revisions, ...sent.filter(own), ...outbox.filter(own), ...quarantine.filter(own)];
  return new Set(rows.map((row) => row.op_id ?? ""));
}

/**
 * Of a record that stands in the notebook.
 * @param {Shown} shown @param {View} view @param {Gandan.Body} [body] @returns {Part}
 */
export const partOf = (shown, view, body = view.body ?? {}) => ({
  kind: kindOf(view),
  id: view.id,
  base_rev: view.rev,
  seen: view.seen,
  settles: view.settles,
  body,
  knows: knownOf(shown, view.id),
});

/**
 * Open the form of what stands in the notebook; of two versions, one is chosen.
 * @param {Shown} shown @param {View} view @param {string} name of this opening @param {number} pick
 * @returns {Form | null}
 */
export function openForm(shown, view, name, pick) {
  if (kindOf(view) !== "meeting") return { name, parts: [partOf(shown, view)] };
  const versions = view.where === "parallel" ? versionsOf(view) : [];
  const version = versions[Math.floor(pick * versions.length)];
  const asked = { id: view.id, ...(version?.op_id ? { version: version.op_id } : {}) };
  const opened = openEntry(/** @type {any} */ (shown), new URLSearchParams(asked));
  if (!opened) return null;
  const parts = [
    { ...opened, rev: opened.base_rev, body: version?.body ?? view.body ?? {} },
    ...opened.petitions,
  ];
  return {
    name,
    parts: parts.map(({ id, rev, seen, settles, body }, place) => ({
      kind: place ? "petition" : "meeting",
      id,
      base_rev: rev,
      seen,
      settles,
      body,
      knows: knownOf(shown, id),
    })),
  };
}

/** Those of which one is to be chosen. @param {View} view */
const versionsOf = (view) =>
  view.revisions.filter((one) => (one.standing || one.undecided) && one.body && !one.withdrawal);
