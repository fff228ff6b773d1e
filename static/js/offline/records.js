// The phone's view of its records: what was pulled, and above it what was answered, what waits and what is being typed.
// Pure functions: rows in, views out.

/** @typedef {{records?: Gandan.PulledRecord[], sent?: Gandan.SentRow[], outbox?: Gandan.Row[], drafts?: Gandan.Draft[]}} Rows */

/** @param {{seq: number}} a @param {{seq: number}} b */
const bySeq = (a, b) => a.seq - b.seq;

/** @template {{}} T @param {T[]} rows @param {(row: T) => string} key @returns {Map<string, T[]>} */
function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}

/** @param {"meeting" | "petition"} kind @param {Rows} rows @returns {{view: Gandan.View, record: Gandan.PulledRecord | undefined, body: Gandan.Body}[]} */
function merged(kind, { records = [], sent = [], outbox = [], drafts = [] }) {
  const own = (/** @type {{kind: string}} */ row) => row.kind.startsWith(kind);
  const pulled = new Map(records.filter(own).map((record) => [record.id, record]));
  const answered = grouped(sent.filter(own), (row) => row.record_id);
  const unanswered = grouped(outbox.filter(own), (row) => row.record_id);
  const typed = new Map(drafts.filter(own).map((draft) => [draft.id, draft]));
  const ids = new Set([...pulled.keys(), ...answered.keys(), ...unanswered.keys(), ...typed.keys()]);
  return Array.from(ids, (id) => {
    const record = pulled.get(id);
    const draft = typed.get(id);
    const waiting = (unanswered.get(id) ?? []).sort(bySeq);
    const done = (answered.get(id) ?? []).sort(bySeq);
    const back = (/** @type {Gandan.SentRow} */ { op_id, rev, outcome }) =>
      record?.revisions?.some((one) => one.op_id === op_id) ||
      (outcome !== "parallel" && rev <= (record?.rev ?? 0));
    const taken = done.filter((row) => row.outcome !== "quarantined" && !back(row));
    const last = done.at(-1);
    // A refusal stands until something later of the same record was taken or is on its way.
    const refused = last?.outcome === "quarantined" && last.rev > (record?.rev ?? 0) ? last : undefined;
    const own = [...taken, ...(refused ? [refused] : []), ...waiting];
    const saves = own.filter((row) => row.kind.endsWith(".save"));
    const top = waiting.at(-1) ?? refused ?? taken.at(-1);
    const body = draft?.body ?? saves.at(-1)?.body ?? record?.body ?? null;
    const revisions = [...(record?.revisions ?? []), ...taken.map(revisionOf)];
    // In the order received: what stands last was saved in the knowledge of everything before it.
    const undecided = revisions.slice(revisions.map((one) => Boolean(one.parallel)).lastIndexOf(false) + 1);

    /** @returns {Gandan.Where} */
    function where() {
      if (draft) return "draft";
      if (waiting.length) return "waiting";
      if (refused) return "quarantined";
      if (undecided.length) return "parallel";
      if (top) return top.kind.endsWith(".withdraw") ? "withdrawn" : "sent";
      return /** @type {Gandan.Where} */ (record?.state ?? "sent");
    }
    const receipted = taken.at(-1) ?? record;
    const reviews = record?.reviews ?? [];
    const returned = reviews
      .filter((review) => review.decision === "returned" && review.rev === record?.rev)
      .at(-1);
    /** @type {Gandan.View} */
    const view = {
      id,
      unit_id: body?.unit_id ?? draft?.unit_id ?? record?.unit_id ?? "",
      where: where(),
      rev: Math.max(record?.rev ?? 0, ...taken.map((row) => row.rev), ...waiting.map((row) => row.rev)),
      pending: waiting.length,
      withdrawing: Boolean(waiting.at(-1)?.kind.endsWith(".withdraw")),
      author: record?.author ?? null,
      body,
      receipt: receipted?.receipt ?? null,
      received_at: receipted?.received_at ?? null,
      message: last?.message ?? null,
      code: last?.code ?? null,
      revisions,
      parallels: done.filter(({ op_id }) => undecided.some((one) => one.op_id === op_id)),
      reviews,
      remarks:
        record?.state === "returned" && !taken.length && !waiting.length ? (returned?.remarks ?? []) : [],
    };
    return { view, record, body: body ?? record ?? {} };
  });
}

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
  merged("petition", rows).map(({ view, body }) => ({
    ...view,
    meeting_id: body.meeting_id ?? null,
    title: body.title ?? "",
    category: body.category ?? "",
    urgency: body.urgency ?? "normal",
  }));

/** What speaks for a month, the most pressing first. @type {Gandan.MonthState[]} */
const PRESSING = ["returned", "quarantined", "parallel", "draft", "waiting", "accepted", "held", "not_held"];

/** @param {Gandan.EntryView} view @returns {Gandan.MonthState} */
const stateOf = (view) =>
  PRESSING.includes(/** @type {any} */ (view.where))
    ? /** @type {Gandan.MonthState} */ (view.where)
    : view.status;

/**
 * @param {string} unitId @param {string} month "2026-11" @param {Gandan.EntryView[]} views @param {string} today
 * @returns {Gandan.MonthItem}
 */
export function monthItem(unitId, month, views, today) {
  const found = views
    .filter(
      (view) => view.unit_id === unitId && view.meeting_date.startsWith(month) && view.where !== "withdrawn",
    )
    .sort((a, b) => PRESSING.indexOf(stateOf(a)) - PRESSING.indexOf(stateOf(b)));
  const now = today.slice(0, 7);
  const empty = month < now ? "missing" : month > now ? "future" : "due";
  const entry = found[0] ?? null;
  return { month, state: entry ? stateOf(entry) : empty, entry };
}

/** @param {string} unitId @param {string} month @param {Gandan.EntryView[]} views @param {string} today */
export const monthState = (unitId, month, views, today) => monthItem(unitId, month, views, today).state;

const byName = new Intl.Collator("vi", { numeric: true });
const TO_MEND = ["returned", "quarantined", "parallel"];
const TO_DO = ["due", "draft"];

/**
 * The officer's groups for the current month: what came back first, then what is due, then the rest.
 * @param {Gandan.Unit[]} units @param {Gandan.EntryView[]} views @param {string} today
 * @returns {Gandan.TodayItem[]}
 */
export function todayList(units, views, today) {
  const rank = (/** @type {Gandan.TodayItem} */ { state }) =>
    TO_MEND.includes(state) ? 0 : TO_DO.includes(state) ? 1 : 2;
  return units
    .filter((unit) => unit.mine)
    .map((unit) => {
      const item = monthItem(unit.id, today.slice(0, 7), views, today);
      // An entry of an earlier month that came back is as pressing as one of this month.
      const back = views.find((view) => view.unit_id === unit.id && TO_MEND.includes(view.where));
      return {
        unit,
        ...(back && !TO_MEND.includes(item.state) ? { ...item, state: stateOf(back), entry: back } : item),
      };
    })
    .sort((a, b) => rank(a) - rank(b) || byName.compare(a.unit.name, b.unit.name));
}

/**
 * The twelve months up to the current one, oldest first.
 * @param {string} unitId @param {Gandan.EntryView[]} views @param {string} today
 * @returns {Gandan.MonthItem[]}
 */
export function pastYear(unitId, views, today) {
  const [year = 0, month = 0] = today.split("-").map(Number);
  return Array.from({ length: 12 }, (_, place) => {
    const first = new Date(Date.UTC(year, month - 12 + place, 1));
    return monthItem(unitId, first.toISOString().slice(0, 7), views, today);
  });
}

const CARRIED = ["place", "start", "end", "format", "chair_role", "households_total"];

/** What most likely is as it was at the group's last meeting. @param {string} unitId @param {Gandan.EntryView[]} views */
export function defaultsFromLast(unitId, views) {
  const held = views.filter(
    (view) =>
      view.unit_id === unitId &&
      view.status === "held" &&
      view.where !== "draft" &&
      view.where !== "withdrawn",
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
