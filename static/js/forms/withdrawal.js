// Taking an entry back: what goes with it, and what does not.
import { dropDraft, saveAll } from "../offline/outbox.js";
import { entryViews, petitionViews } from "../offline/records.js";

/**
 * The entry, and those of its petitions which the desk has not taken up yet: what somebody works on goes on.
 * @param {Gandan.Rows} rows @param {string} id @param {string} reason @returns {Gandan.Operation[]}
 */
export function withdrawalOf(rows, id, reason) {
  const saved = { ...rows, drafts: [] };
  const entry = entryViews(saved).find((one) => one.id === id);
  if (!entry) return [];
  const petitions = petitionViews(saved).filter(
    (one) => one.meeting_id === id && one.where !== "withdrawn" && !one.withdrawing && !one.taken_up,
  );
  const body = { reason };
  return [
    { kind: "meeting.withdraw", id, base_rev: entry.rev, seen: entry.seen, settles: entry.settles, body },
    ...petitions.map(({ id: petition, rev, seen, settles }) => ({
      kind: /** @type {const} */ ("petition.withdraw"),
      id: petition,
      entry: id,
      base_rev: rev,
      seen,
      settles,
      body,
    })),
  ];
}

/**
 * Save it; what was half written of the entry, and told to go with it, goes too. What was typed into it since stays.
 * @param {Gandan.Store} store @param {Gandan.Operation[]} operations @param {Gandan.Draft[]} told
 */
export async function withdraw(store, operations, told) {
  await saveAll(store, operations);
  for (const found of told) await dropDraft(store, { id: found.id, found });
}
