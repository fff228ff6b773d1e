// Saving, and what awaits its receipt. A row is never changed once it has been tried (see docs/sync-protocol.md).
import { uuid7 } from "./ids.js";
import { referred } from "./media.js";

const DAY = 86_400_000;
const SENT_DAYS = 60;
const ENDS = ["applied", "duplicate", "parallel", "quarantined"];

/** Text is kept in NFC. @param {any} value */
const tidy = (value) =>
  JSON.parse(JSON.stringify(value, (_, part) => (typeof part === "string" ? part.normalize("NFC") : part)));

/** Without the keys that have no value. @param {object} row */
const withValues = (row) =>
  /** @type {Gandan.Row} */ (
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))
  );

/** @param {{seq: number}} a @param {{seq: number}} b */
const bySeq = (a, b) => a.seq - b.seq;

/** It goes before everything else. @param {{kind: string}} row */
export const isUrgent = ({ kind }) => kind.startsWith("flash");

/**
 * Whether no other form has written a draft since this one was opened with it.
 * @param {Gandan.Draft | undefined} row @param {Gandan.Hold} hold
 */
const isHeld = (row, { form, found }) =>
  !row || row.form === form || (row.form === found?.form && row.updated_at === found?.updated_at);

/**
 * Whether another version may stand of which this one knows nothing: what it was made on may itself be beside it.
 * @param {Gandan.Row} row @param {(Gandan.Row | Gandan.SentRow)[]} others
 */
function isBeside(row, others) {
  const rest = new Map(others.map((one) => [one.op_id, one]));
  rest.delete(row.op_id);
  let first = row;
  for (const on of [...others].reverse()) {
    if (on.op_id !== first.base_op || on.rev !== first.base_rev || "outcome" in on) continue;
    rest.delete(on.op_id);
    first = on;
  }
  return [...rest.values()].some(
    (one) => !("outcome" in one && one.outcome === "quarantined") && one.rev > first.base_rev,
  );
}

/**
 * What an operation is made on: on the newest row of its record, if its form knew of that one, or else beside it.
 * @param {Gandan.Operation} operation @param {Gandan.Row | undefined} newest what waits of its record
 * @param {Gandan.SentRow | undefined} answered what became of the row that it was opened with
 * @returns {{base_rev: number, base_op?: string, again?: Gandan.Row}} `again`: not tried yet, it gets the new words
 */
function basisOf({ kind, base_rev, form, seen }, newest, answered) {
  // What was opened has turned out to be a second version.
  const on = answered?.outcome === "parallel" ? answered.base_rev : base_rev;
  const known = !newest?.form || !form || [form, seen?.form].includes(newest.form);
  if (newest && !known) return { base_rev: Math.min(on, newest.base_rev), base_op: seen?.op_id };
  // The same form saved again, or what waits here opened again; anything else is a second version.
  const follows = newest?.op_id === seen?.op_id || [newest?.rev, newest?.base_rev].includes(on);
  // It is named as long as it is not answered: another phone may have a version of the same number.
  if (!newest || !follows) return { base_rev: on, base_op: seen?.op_id };
  const again = !newest.frozen && newest.kind === kind ? newest : undefined;
  return { base_rev: newest.rev, base_op: newest.op_id, again };
}

/**
 * Save all of them or none, and drop the draft they were written in. Resolves when they are on the disk.
 * A record whose newest row has not been tried yet keeps its operation, with the new body, unless another form saved
 * it since: then both are kept. Each is of another record.
 * @param {Gandan.Store} store
 * @param {Gandan.Operation[]} operations
 * @param {{draft?: Gandan.Hold, now?: () => number, mint?: () => string}} [options]
 * @returns {Promise<Gandan.Row[]>} the rows, as saved
 */
export async function saveAll(store, operations, { draft, now = Date.now, mint = uuid7 } = {}) {
  const prepared = await Promise.all(
    operations.map(async (operation) => {
      const body = tidy(operation.body);
      const { box } = await store.seal("outbox", { body });
      return { ...operation, body, box, op_id: mint() };
    }),
  );
  const made_at = new Date(now()).toISOString();
  /** What an earlier try has written, of which the disk said that it was lost. @type {(Gandan.Row | undefined)[]} */
  const tried = [];
  return store.write(["outbox", "sent", "records", "drafts", "meta", "media"], async (tx) => {
    const outbox = tx.objectStore("outbox");
    const sent = tx.objectStore("sent");
    const meta = tx.objectStore("meta");
    const media = tx.objectStore("media");
    const drafts = tx.objectStore("drafts");
    // Asked for side by side: on a slow phone each answer waited for costs more than the reading.
    const [counter, offset, photos, typed, answered, records, over, ...waiting] = await Promise.all([
      meta.get("device_seq"),
      meta.get("clock_offset"),
      media.getAll(),
      draft && drafts.get(draft.id),
      Promise.all(prepared.map(({ seen }) => seen && sent.get(seen.op_id))),
      Promise.all(prepared.map(({ id }) => tx.objectStore("records").get(id))),
      Promise.all(prepared.map(({ id }) => sent.index("record_id").getAll(id))),
      ...prepared.map(({ id }) => outbox.index("record_id").getAll(id)),
    ]);
    let seq = counter?.value ?? 0;
    const clock_offset = offset?.value;
    // Not waited for one by one: what fails aborts the transaction, and that is waited for.
    const write = (/** @type {Promise<unknown>} */ done) => done.catch(() => {});
    const rows = prepared.map((operation, place) => {
      const { kind, id, entry, learned_at, form, settles, op_id, body, box } = operation;
      const before = waiting[place]?.sort(bySeq) ?? [];
      const last = tried[place];
      const done = before.find(
        (row) => row.op_id === op_id || (last && row.op_id === last.op_id && row.edits >= last.edits),
      );
      if (done) return { ...done, box: undefined, body }; // it was on the disk although the disk said otherwise
      const { again, ...basis } = basisOf(operation, before.at(-1), answered[place]);
      const fresh = { op_id, record_id: id, kind, author: store.officerId, edits: 0, frozen: false };
      const row = withValues({
        ...(again
          ? { ...again, edits: again.edits + 1 }
          : { ...fresh, seq: ++seq, ...basis, rev: basis.base_rev + 1 }),
        entry,
        made_at,
        learned_at,
        clock_offset,
        form,
        settles,
        box,
      });
      tried[place] = row;
      write(outbox.put(row));
      if (kind === "meeting.save") {
        const beside =
          (records[place]?.rev ?? 0) > row.base_rev || isBeside(row, [...before, ...(over[place] ?? [])]);
        for (const photo of referred(photos, id, body.photos ?? [], beside)) write(media.put(photo));
      }
      return { ...row, box: undefined, body };
    });
    write(meta.put({ key: "device_seq", value: seq }));
    if (draft && isHeld(typed, draft)) write(drafts.delete(draft.id));
    return rows;
  });
}

/**
 * Keep what is being typed. What another form has typed into the draft since stays, and this is set apart.
 * @param {Gandan.Store} store @param {Gandan.Draft} draft @param {Gandan.Hold["found"]} [found] what the form was opened with
 * @returns {Promise<string>} the id of the draft that it is kept in
 */
export async function saveDraft(store, draft, found) {
  const { id, record_id = id, form } = draft;
  const row = await store.seal("drafts", { ...draft, body: tidy(draft.body) });
  return store.write(["drafts"], async (tx) => {
    const drafts = tx.objectStore("drafts");
    const held = isHeld(await drafts.get(id), { id, form, found });
    return drafts.put(held ? row : { ...row, id: form, record_id });
  });
}

/** @param {Gandan.Store} store @param {Gandan.Hold} hold */
export const dropDraft = (store, hold) =>
  store.write(["drafts"], async (tx) => {
    const drafts = tx.objectStore("drafts");
    if (isHeld(await drafts.get(hold.id), hold)) await drafts.delete(hold.id);
  });

/**
 * How many entries these rows are about, as a person counts them: a petition is part of its meeting's entry, and
 * what was saved twice is one. Zero only when there are no rows.
 * @param {Pick<Gandan.Row, "record_id" | "entry">[]} rows
 */
export const entriesIn = (rows) => new Set(rows.map(({ record_id, entry }) => entry ?? record_id)).size;

/** What the server has not answered for, in the order in which it is sent. @param {Gandan.Store} store */
export async function unacknowledged(store) {
  const rows = /** @type {Gandan.Row[]} */ (await store.all("outbox")).sort(
    (a, b) => Number(isUrgent(b)) - Number(isUrgent(a)) || bySeq(a, b),
  );
  return { count: rows.length, rows };
}

/**
 * Fix the text of rows before they are tried for the first time. A row that was edited meanwhile is left out.
 * @param {Gandan.Store} store
 * @param {Gandan.Row[]} rows
 * @param {{device: string, sign: (text: string) => Promise<string>}} by
 * @returns {Promise<Gandan.Row[]>} rows that may be sent
 */
export async function freeze(store, rows, { device, sign }) {
  const ready = await Promise.all(
    rows.map(async (row) => {
      if (row.frozen) return { row, sealed: null };
      const { op_id, record_id, kind, rev, base_rev, base_op, settles, author, seq, body } = row;
      const { made_at, learned_at, clock_offset } = row;
      const text = JSON.stringify({
        op_id,
        kind,
        id: record_id,
        rev,
        base_rev,
        base_op,
        settles,
        made_at,
        learned_at,
        clock_offset,
        author,
        device,
        device_seq: seq,
        body,
      });
      const frozen = { ...row, device, frozen: true, text, mac: await sign(text) };
      return { row: frozen, sealed: await store.seal("outbox", frozen) };
    }),
  );
  if (ready.every(({ sealed }) => !sealed)) return rows;
  return store.write(["outbox"], async (tx) => {
    const outbox = tx.objectStore("outbox");
    const kept = [];
    for (const { row, sealed } of ready) {
      const now = await outbox.get(row.op_id);
      if (sealed && now && !now.frozen && now.edits === row.edits) await outbox.put(sealed);
      else if (sealed || !now) continue;
      kept.push(row);
    }
    return kept;
  });
}

/**
 * How an operation reads that was masked before its answer was heard: it will not be told again.
 * @param {Gandan.Store} store @param {string} op_id @param {string} record_id @returns {Promise<Gandan.Body | undefined>}
 */
async function maskedBody(store, op_id, record_id) {
  const record = /** @type {Gandan.PulledRecord | undefined} */ (await store.get("records", record_id));
  const held = /** @type {Gandan.Held[]} */ ((await store.get("meta", "quarantine"))?.list ?? []);
  const told = record?.revisions?.find((one) => one.op_id === op_id && one.redacted);
  return told?.body ?? held.find((one) => one.op_id === op_id)?.body;
}

/**
 * Move the rows the server has answered for to `sent`, with their receipts. An answer without a receipt ends nothing.
 * @param {Gandan.Store} store
 * @param {Gandan.Outcome[]} outcomes
 * @param {{now?: () => number}} [options]
 * @returns {Promise<string[]>} the operations that ended
 */
export async function acknowledge(store, outcomes, { now = Date.now } = {}) {
  const acknowledged_at = new Date(now()).toISOString();
  /** @type {any[]} */
  const moves = [];
  for (const { op_id, outcome, code, message, receipt, received_at } of outcomes) {
    if (!op_id || !ENDS.includes(outcome) || !receipt) continue;
    const row = /** @type {Gandan.Row | undefined} */ (await store.get("outbox", op_id));
    if (!row) continue;
    const { record_id, kind, rev, base_rev, seq, made_at, learned_at, clock_offset } = row;
    const body = (await maskedBody(store, op_id, record_id)) ?? row.body;
    const sent = { op_id, record_id, kind, rev, base_rev, seq, made_at, body };
    if (isUrgent(row)) Object.assign(sent, { learned_at, clock_offset });
    Object.assign(sent, { outcome, code, message, receipt, received_at, acknowledged_at });
    moves.push(await store.seal("sent", sent));
  }
  await store.write(["outbox", "sent"], async (tx) => {
    for (const sent of moves) {
      const outbox = tx.objectStore("outbox");
      await tx.objectStore("sent").put(sent);
      await outbox.delete(sent.op_id);
      if (sent.outcome !== "parallel") continue;
      // What builds on a second version is one itself, until its author was asked which version stands.
      for (const row of await outbox.index("record_id").getAll(sent.record_id)) {
        if (!row.frozen) await outbox.put({ ...row, base_rev: sent.base_rev, rev: sent.base_rev + 1 });
      }
    }
  });
  return moves.map(({ op_id }) => op_id);
}

/** Whether its author has not said yet which version stands. @param {string} op @param {Gandan.PulledRecord | undefined} record */
function isAsked(op, record) {
  const revisions = record?.revisions ?? [];
  const place = revisions.findIndex((one) => one.op_id === op);
  return revisions.slice(Math.max(0, place)).every((one) => one.parallel);
}

/**
 * Forget old receipts, but never one whose record has not come back at that revision, nor the words of a second
 * version while it is asked which stands: they are nowhere else on this phone.
 * @param {Gandan.Store} store @param {number} now
 */
export async function trimSent(store, now) {
  const before = new Date(now - SENT_DAYS * DAY).toISOString();
  const isOld = (/** @type {Gandan.SentRow} */ row) =>
    row.acknowledged_at < before && (row.outcome !== "quarantined" || Boolean(row.fate));
  /** @type {Gandan.SentRow[]} */
  const old = (await store.read(["sent"], (tx) => tx.objectStore("sent").getAll())).filter(isOld);
  const asked = new Set();
  for (const { op_id, record_id, outcome } of old) {
    if (outcome === "parallel" && isAsked(op_id, await store.get("records", record_id))) asked.add(op_id);
  }
  if (old.length === asked.size) return;
  await store.write(["sent", "records"], async (tx) => {
    for (const { op_id, record_id, rev, fate } of old) {
      const record = await tx.objectStore("records").get(record_id);
      if (!asked.has(op_id) && (fate || record?.rev >= rev)) await tx.objectStore("sent").delete(op_id);
    }
  });
}
