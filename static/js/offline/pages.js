// What the server says there is, page by page, as it becomes the notebook's.
import { recordOf, toldBy } from "./records.js";
import { redactedRows } from "./redaction.js";
import { ordered } from "./units.js";

/**
 * How this phone differs from what the server says it should hold: of the entries since a day, and of what else was
 * received since a moment.
 * @param {Gandan.Store} store @param {Gandan.Check} check @param {SubtleCrypto} subtle
 * @returns {Promise<{here: number, there: number} | null>} how many are here and there; null where nothing differs
 */
export async function driftFrom(store, { others, ...entries }, subtle) {
  const [records, units] = await Promise.all([store.all("records"), store.all("units")]);
  const mine = new Set(units.filter((unit) => unit.mine).map((unit) => unit.id));
  const held = records.filter((one) => mine.has(one.unit_id) || one.author_id === store.officerId);
  const compared = [
    {
      said: entries,
      has: (/** @type {any} */ one) => one.kind === "meeting" && one.meeting_date >= entries.since,
    },
    {
      said: others,
      has: (/** @type {any} */ one) =>
        one.kind !== "meeting" && Date.parse(one.received_at) >= Date.parse(others?.since ?? ""),
    },
  ];
  for (const { said, has } of compared) {
    if (!said) continue; // an older server
    const lines = held.filter(has).map(({ id, seq }) => `${id}:${seq}\n`);
    const hash = await subtle.digest("SHA-256", new TextEncoder().encode(lines.sort().join("")));
    const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0"));
    if (hex.join("") !== said.digest) return { here: lines.length, there: said.count };
  }
  return null;
}

/** Whose work a record is now: who wrote it, or to whom it was handed over. @param {any} pulled */
const answersFor = ({ keeper, author }) => (keeper ?? author)?.id;

/**
 * One pulled record as it is kept. A summary does not take away the whole of the same revision; a body this phone
 * sent itself was left out and is taken from here.
 * @param {Gandan.Store} store @param {any} pulled @returns {Promise<any>} null: the body is not here
 */
async function whole(store, pulled) {
  const row = { ...pulled, author_id: answersFor(pulled) };
  if (pulled.body) return row;
  const known = await store.get("records", pulled.id);
  const same = known?.rev === pulled.rev;
  if (!pulled.revisions) return same ? { ...known, ...row } : row;
  const op = toldBy(pulled.revisions);
  const sent = op && (await store.get("sent", op));
  const body = sent?.body ?? (toldBy(known?.revisions) === op ? known?.body : null);
  return body ? { ...row, body } : null;
}

/**
 * The records that something is being written on, and that are here no more. When all are dropped, to be told anew, they
 * say which words of it were masked meanwhile.
 * @param {Gandan.Store} store @param {boolean} reset whether all are dropped now
 * @returns {Promise<{before: any[], earlier: any[]}>} what was kept of them until now, and what is from now on
 */
async function writtenOn(store, reset) {
  const before = (await store.get("meta", "earlier"))?.list ?? [];
  if (!reset && !before.length) return { before, earlier: [] };
  const [drafts, outbox, records] = await Promise.all([
    store.all("drafts"),
    store.all("outbox"),
    reset ? store.all("records") : [],
  ]);
  const ids = new Set([...drafts.map(recordOf), ...outbox.map((row) => row.record_id)]);
  const dropped = records.map(({ id, body, revisions }) => ({ id, body, revisions }));
  return { before, earlier: [...before, ...dropped].filter(({ id }) => ids.has(id)) };
}

/**
 * Store one page and its cursor together. It takes nothing out of the outbox or the drafts; what the desk masked is masked
 * in them too.
 * @param {Gandan.Store} store @param {any} page an answer of `/sync/pull`
 * @returns {Promise<boolean>} false, with nothing stored: it leaves out a body that is not here
 */
export async function applyPage(store, page) {
  for (;;) {
    const done = await tryPage(store, page);
    if (done !== null) return done;
  }
}

/** @param {Gandan.Store} store @param {any} page @returns {Promise<boolean | null>} null: somebody wrote meanwhile, so once more */
async function tryPage(
  store,
  {
    cursor,
    reset,
    scope,
    quarantine,
    quarantine_rest,
    calendar,
    bulletins,
    categories,
    entries = [],
    petitions = [],
    flash_reports = [],
    gone = [],
  },
) {
  const pulled = [
    ...entries.map((/** @type {object} */ one) => ({ ...one, kind: "meeting" })),
    ...petitions.map((/** @type {object} */ one) => ({ ...one, kind: "petition" })),
    ...flash_reports.map((/** @type {object} */ one) => ({ ...one, kind: "flash_report" })),
  ];
  const found = await Promise.all(
    pulled.map((one) => (reset ? { ...one, author_id: answersFor(one) } : whole(store, one))),
  );
  if (found.includes(null)) return false;
  const records = await Promise.all(found.map((one) => store.seal("records", one)));
  const units = await Promise.all(ordered(scope?.units ?? []).map((unit) => store.seal("units", unit)));
  const newer = quarantine_rest && (await store.get("meta", "quarantine"));
  const list = quarantine_rest
    ? [...quarantine_rest, ...(newer?.list ?? [])]
    : (quarantine ?? (reset ? [] : null));
  const held = list && (await store.seal("meta", { key: "quarantine", list }));
  const told = calendar && (await store.seal("meta", { key: "calendar", told: calendar }));
  const pack = bulletins && (await store.seal("meta", { key: "bulletins", list: bulletins }));
  const kinds = categories && (await store.seal("meta", { key: "categories", list: categories }));
  const { before, earlier } = await writtenOn(store, Boolean(reset));
  const masked = await redactedRows(store, found, list ?? [], earlier);
  const untold = earlier.filter(({ id }) => !found.some((one) => one.id === id && one.revisions));
  const rest =
    (before.length || untold.length) && (await store.seal("meta", { key: "earlier", list: untold }));
  const own = await Promise.all(
    masked.map(async ({ from, row }) => ({ from, row, sealed: await store.seal(from, row) })),
  );
  /** @type {Gandan.StoreName[]} */
  const names = ["records", "units", "sent", "meta"];
  if (own.length) names.push("drafts", "outbox");
  return store.write(names, async (tx) => {
    const kept = tx.objectStore("records");
    for (const { from, row } of own) {
      const now = await tx.objectStore(from).get(from === "drafts" ? row.id : row.op_id);
      if (!now || now.updated_at !== row.updated_at || now.edits !== row.edits || now.frozen !== row.frozen)
        return null;
    }
    for (const { from, row, sealed } of own)
      await tx.objectStore(from).put(from === "outbox" ? { ...sealed, edits: row.edits + 1 } : sealed);
    if (reset) await kept.clear();
    for (const record of records) await kept.put(record);
    for (const id of gone) {
      await kept.delete(id);
      for (const row of await tx.objectStore("sent").index("record_id").getAll(id)) {
        if (row.outcome !== "quarantined") await tx.objectStore("sent").delete(row.op_id);
      }
    }
    if (scope) {
      await tx.objectStore("units").clear();
      for (const unit of units) await tx.objectStore("units").put(unit);
      const mine = new Set(units.filter((unit) => unit.mine).map((unit) => unit.id));
      for (const record of await kept.getAll()) {
        if (!mine.has(record.unit_id) && record.author_id !== store.officerId) await kept.delete(record.id);
      }
    }
    if (rest) await tx.objectStore("meta").put(rest);
    if (held) await tx.objectStore("meta").put(held);
    if (told) await tx.objectStore("meta").put(told);
    if (pack) await tx.objectStore("meta").put(pack);
    if (kinds) await tx.objectStore("meta").put(kinds);
    for (const { op_id, state: fate } of list ?? []) {
      const row = op_id && fate !== "waiting" && (await tx.objectStore("sent").get(op_id));
      if (row) await tx.objectStore("sent").put({ ...row, fate }); // the list forgets it after a while
    }
    await tx.objectStore("meta").put({ key: "cursor", value: cursor });
    return true;
  });
}
