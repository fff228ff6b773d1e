// The phone's view of its records: what was pulled, and above it what was answered, what waits and what is being typed.
// Pure functions: rows in, views out.
import { dueState } from "./windows.js";

/** @typedef {Gandan.Rows} Rows */

/** @param {{seq: number}} a @param {{seq: number}} b */
const bySeq = (a, b) => a.seq - b.seq;

/** @template {{}} T @param {T[]} rows @param {(row: T) => string} key @returns {Map<string, T[]>} */
function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}

/**
 * The revision whose body a record tells: the newest by its number, for a server's clock may be set back.
 * @param {Gandan.Revision[]} [revisions]
 */
export const toldBy = (revisions = []) =>
  revisions
    .filter((one) => !one.parallel && !one.withdrawal)
    .sort((a, b) => a.rev - b.rev)
    .at(-1)?.op_id;

/** The record that a draft is of. @param {Gandan.Draft} draft */
export const recordOf = ({ id, record_id = id }) => record_id;

/** What was typed last comes last. @param {Gandan.Draft[]} drafts */
export const inOrder = (drafts) => [...drafts].sort((a, b) => (a.updated_at < b.updated_at ? -1 : 1));

/** @param {"meeting" | "petition" | "flash_report"} kind @param {Rows} rows @returns {{view: Gandan.View, record: Gandan.PulledRecord | undefined, body: Gandan.Body}[]} */
function merged(kind, { records = [], sent = [], outbox = [], drafts = [], quarantine = [] }) {
  const own = (/** @type {{kind: string}} */ row) => row.kind.startsWith(kind);
  const pulled = new Map(records.filter(own).map((record) => [record.id, record]));
  const answered = grouped(sent.filter(own), (row) => row.record_id);
  const unanswered = grouped(outbox.filter(own), (row) => row.record_id);
  const typed = new Map(inOrder(drafts.filter(own)).map((draft) => [recordOf(draft), draft]));
  const kept = grouped(quarantine, (one) => one.record_id ?? "");
  const ids = new Set([...pulled.keys(), ...answered.keys(), ...unanswered.keys(), ...typed.keys()]);
  return Array.from(ids, (id) => {
    const record = pulled.get(id);
    const draft = typed.get(id);
    const waiting = (unanswered.get(id) ?? []).sort(bySeq);
    const done = (answered.get(id) ?? []).sort(bySeq);
    const told = kept.get(id) ?? [];
    const fate = (/** @type {Gandan.SentRow} */ row) =>
      told.find((one) => one.op_id === row.op_id)?.state ?? row.fate;
    const back = (/** @type {Gandan.SentRow} */ { op_id, rev, base_rev, outcome }) =>
      outcome === "parallel" && record?.revisions
        ? record.revisions.some((one) => one.op_id === op_id)
        : // Of a summary: what were still a question would have come whole.
          (outcome === "parallel" ? base_rev + 1 : rev) <= (record?.rev ?? 0) ||
          record?.revisions?.some((one) => one.op_id === op_id);
    const taken = done.filter(
      (row) => (row.outcome !== "quarantined" || fate(row) === "released") && !back(row),
    );
    const last = done.at(-1);
    // A refusal stands until something later of the same record was taken or is on its way, or the server settled it.
    const refused =
      last?.outcome === "quarantined" && (fate(last) ?? (back(last) ? "" : "waiting")) === "waiting"
        ? last
        : undefined;
    const held = [
      ...told.filter(({ state }) => state === "waiting"),
      ...done.filter((row) => row.outcome === "quarantined" && (fate(row) ?? "waiting") === "waiting"),
    ];
    // What is held back of another phone's, unless the server has taken something of this phone since it told of that.
    const newest = told.at(-1);
    const elsewhere = newest?.state === "waiting" && !taken.length;
    const own = [...taken, ...(refused ? [refused] : []), ...waiting];
    const saves = own.filter((row) => row.kind.endsWith(".save"));
    const top = waiting.at(-1) ?? refused ?? taken.at(-1);
    const gone = !record && !own.length ? done.filter((row) => row.kind.endsWith(".save")).at(-1) : undefined;
    const body = draft?.body ?? (saves.at(-1) ?? gone)?.body ?? record?.body ?? null;
    const revisions = [...(record?.revisions ?? []), ...taken.map(revisionOf)];
    // In the order received: what stands last was saved in the knowledge of everything before it.
    const standing = revisions.map((one) => Boolean(one.parallel)).lastIndexOf(false);
    const bodies = new Map(done.map((row) => [row.op_id, row.body]));
    /** @type {Gandan.Version[]} */
    const versions = revisions.map((one, place) => ({
      ...one,
      standing: place === standing,
      undecided: place > standing && !isClosed(kind, record?.state),
      body:
        bodies.get(one.op_id ?? "") ??
        one.body ??
        (place === standing && !one.withdrawal ? record?.body : null) ??
        null,
    }));

    /** @returns {Gandan.Where} */
    function where() {
      if (draft) return "draft";
      if (waiting.length) return "waiting";
      if (refused) return "quarantined";
      if (versions.some((one) => one.undecided)) return "parallel";
      if (elsewhere) return "quarantined";
      if (top) return top.kind.endsWith(".withdraw") ? "withdrawn" : "sent";
      return /** @type {Gandan.Where} */ (record?.state ?? (gone ? "dismissed" : "sent"));
    }
    const receipted = taken.at(-1) ?? record;
    // Nobody is asked which version stands while something else is to be done about the record first.
    const asked = [...(where() === "parallel" ? versions.filter((one) => one.undecided) : []), ...held];
    const reviews = record?.reviews ?? [];
    const returned = reviews
      .filter((review) => review.decision === "returned" && review.rev === record?.rev)
      .at(-1);
    const { op_id: newestOp, form } = waiting.at(-1) ?? {};
    // The number of a second version says nothing of what stands: that comes with the next pull.
    const known = Math.max(
      record?.rev ?? 0,
      ...taken.map((row) => (row.outcome === "parallel" ? row.base_rev : row.rev)),
      ...waiting.map((row) => row.rev),
    );
    /** @type {Gandan.View} */
    const view = {
      id,
      unit_id: body?.unit_id ?? draft?.unit_id ?? record?.unit_id ?? "",
      where: where(),
      // A correction of what was refused was made in the knowledge of what that was made on, and of nothing later.
      rev: refused && !waiting.length ? refused.base_rev : known,
      // What was refused is named too: its number is this phone's own, and says nothing of what stands.
      seen: newestOp ? { op_id: newestOp, form } : refused && { op_id: refused.op_id },
      settles: [...new Set([...asked.flatMap(opOf), ...waiting.flatMap((row) => row.settles ?? [])])],
      pending: waiting.length,
      withdrawing: Boolean(waiting.at(-1)?.kind.endsWith(".withdraw")),
      author: record?.author ?? null,
      keeper: record?.keeper ?? null,
      body,
      receipt: receipted?.receipt ?? null,
      received_at: receipted?.received_at ?? null,
      held: refused
        ? {
            code: refused.code,
            message: refused.message,
            receipt: refused.receipt,
            state: "waiting",
            here: true,
          }
        : newest
          ? { ...newest, here: bodies.has(newest.op_id ?? "") }
          : null,
      revisions: versions,
      settled: versions.every(
        (one) => !one.undecided || record?.revisions?.some((it) => it.op_id === one.op_id),
      ),
      reviews,
      redactions: record?.redactions ?? [],
      remarks:
        record?.state === "returned" && !taken.length && !waiting.length ? (returned?.remarks ?? []) : [],
    };
    return { view, record, body: body ?? record ?? {} };
  });
}

/**
 * Nobody revises it any more: others act on it, or it was taken back. What stands then is no question.
 * @param {"meeting" | "petition" | "flash_report"} kind @param {string} [state]
 */
const isClosed = (kind, state) =>
  kind === "meeting"
    ? state === "withdrawn" || state === "locked"
    : ![undefined, "raised", "reported"].includes(state);

/** @param {{op_id?: string | null}} one @returns {string[]} */
const opOf = ({ op_id }) => (op_id ? [op_id] : []);

/** @param {Gandan.SentRow} row @returns {Gandan.Revision} */
const revisionOf = ({ op_id, kind, rev, made_at, received_at, receipt, outcome }) => ({
  op_id,
  rev,
  made_at,
  received_at,
  receipt,
  parallel: outcome === "parallel",
  withdrawal: kind.endsWith(".withdraw"),
});

/** @param {Rows} rows @returns {Gandan.EntryView[]} one for each meeting entry, newest meeting first */
export function entryViews(rows) {
  return merged("meeting", rows)
    .map(({ view, record, body }) => ({
      ...view,
      meeting_date: body.meeting_date ?? record?.meeting_date ?? "",
      status: body.status ?? "held",
      format: body.format ?? "regular",
      theme: body.theme ?? "",
      not_held_reason: body.not_held_reason ?? null,
      households_present: body.households_present ?? null,
      households_total: body.households_total ?? null,
      petition_count: view.body ? (body.petition_ids?.length ?? 0) : (record?.petition_count ?? 0),
    }))
    .sort((a, b) =>
      a.meeting_date < b.meeting_date ? 1 : a.meeting_date > b.meeting_date ? -1 : a.id < b.id ? 1 : -1,
    );
}

/** @param {Rows} rows @returns {Gandan.PetitionView[]} */
export const petitionViews = (rows) =>
  merged("petition", rows).map(({ view, record, body }) => ({
    ...view,
    meeting_id: body.meeting_id ?? null,
    taken_up: Boolean(record) && !["raised", "withdrawn"].includes(record?.state ?? ""),
    title: body.title ?? "",
    category: body.category ?? "",
    urgency: body.urgency ?? "normal",
    answer: record?.answer ?? null,
    owner: record?.owner ?? "",
    due: record?.due ?? "",
  }));

/** A moment by the clock of a phone, mended by what was known of its error. @param {{made_at: string, clock_offset?: number}} row */
const trueTime = ({ made_at, clock_offset = 0 }) =>
  new Date(Date.parse(made_at) + clock_offset).toISOString();

/** @param {Rows} rows @returns {Gandan.FlashView[]} the newest first */
export const flashViews = (rows) =>
  merged("flash_report", rows)
    .map(({ view, record, body }) => {
      const here = [...(rows.sent ?? []), ...(rows.outbox ?? [])].filter(
        (row) => row.record_id === view.id && row.kind.endsWith(".save") && row.rev > (record?.rev ?? 0),
      );
      const newest = here.sort(bySeq).at(-1);
      return {
        ...view,
        what: body.what ?? "",
        learned: (newest ?? record)?.learned_at ?? "",
        recorded: newest ? trueTime(newest) : (record?.recorded_at ?? ""),
        received: record?.received_at ?? view.received_at ?? "",
        opened: record?.opened ?? null,
      };
    })
    .sort((a, b) => (a.recorded < b.recorded ? 1 : -1));

/** What speaks for a month, the most pressing first. @type {Gandan.MonthState[]} */
const PRESSING = ["returned", "quarantined", "parallel", "draft", "waiting", "accepted", "held", "not_held"];

/** It counts for no month. @param {Gandan.View} view */
export const isOut = ({ where }) => where === "withdrawn" || where === "dismissed";

/** @param {Gandan.EntryView} view @returns {Gandan.MonthState} */
export const stateOf = (view) =>
  PRESSING.includes(/** @type {any} */ (view.where))
    ? /** @type {Gandan.MonthState} */ (view.where)
    : view.status;

/**
 * @param {string} unitId @param {string} month "2026-11" @param {Gandan.EntryView[]} views @param {string} today
 * @param {Gandan.Calendar | null} [calendar] knows on which days the group should meet
 * @returns {Gandan.MonthItem}
 */
export function monthItem(unitId, month, views, today, calendar = null) {
  const found = views
    .filter((view) => view.unit_id === unitId && view.meeting_date.startsWith(month) && !isOut(view))
    .sort((a, b) => PRESSING.indexOf(stateOf(a)) - PRESSING.indexOf(stateOf(b)));
  const now = today.slice(0, 7);
  const empty = month < now ? "missing" : month > now ? "future" : dueState(calendar, unitId, today);
  const entry = found[0] ?? null;
  return { month, state: entry ? stateOf(entry) : empty, entry };
}

/** @param {string} unitId @param {string} month @param {Gandan.EntryView[]} views @param {string} today @param {Gandan.Calendar | null} [calendar] */
export const monthState = (unitId, month, views, today, calendar) =>
  monthItem(unitId, month, views, today, calendar).state;

const CARRIED = ["place", "start", "end", "format", "chair_role", "households_total"];

/** How many households a group had on the day of a meeting. @param {Gandan.Unit | undefined} unit @param {string} on */
export function householdsOn(unit, on) {
  const counts = unit?.households ? [unit, ...(unit.earlier_counts ?? [])] : [];
  return counts.find(({ households_as_of: from }) => !from || from <= on)?.households ?? null;
}

/** What most likely is as it was at the group's last meeting. @param {string} unitId @param {Gandan.EntryView[]} views */
export function defaultsFromLast(unitId, views) {
  const held = views.filter(
    (view) => view.unit_id === unitId && view.status === "held" && view.where !== "draft" && !isOut(view),
  );
  const last = held.find((view) => view.body) ?? held[0];
  /** @type {Gandan.Body} */
  const found = {};
  for (const field of CARRIED) {
    const value = last?.body?.[field] ?? (field === "households_total" ? last?.households_total : undefined);
    if (value !== undefined && value !== null) found[field] = value;
  }
  return found;
}
