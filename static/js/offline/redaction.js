// What the desk masked goes from this phone too: from what was pulled and sent, and from what is being written on top of it.
// The server tells only how a text stands now; what was masked is read off the text that is here, and then kept nowhere.
import { recordOf, toldBy } from "./records.js";

const MARK = /\[đã che(?:: [^\]]+)?\]/gu;

/** @typedef {{from: string, to: string}} Change */

/** @param {string} text */
const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * How texts that are here became those that are told: whole texts first, then the passages in them.
 * @param {any} before @param {any} after @returns {Change[]}
 */
export function changesBetween(before, after) {
  if (typeof before === "string" && typeof after === "string") {
    if (before === after || !after.match(MARK)) return [];
    return [{ from: before, to: after }, ...passages(before, after)];
  }
  if (!before || !after || typeof before !== "object") return [];
  return Object.keys(before).flatMap((key) => changesBetween(before[key], after[key]));
}

/** @param {string} before @param {string} after @returns {Change[]} */
function passages(before, after) {
  const parts = after.split(MARK).map(literal);
  const found = new RegExp(`^${parts.join("([^]+?)")}$`, "u").exec(before);
  const marks = after.match(MARK) ?? [];
  return marks.map((to, place) => ({ from: found?.[place + 1]?.trim() ?? "", to })).filter((one) => one.from);
}

/** Put a mark where a passage stands as whole words. @param {string} text @param {Change} change */
function replaced(text, { from, to }) {
  const kind = (/** @type {string} */ letter) =>
    /\p{L}/u.test(letter) ? "L" : /\p{N}/u.test(letter) ? "N" : "";
  const [first, last] = [kind(from[0] ?? ""), kind(from.at(-1) ?? "")];
  const words = from.normalize("NFC").split(/\s+/).map(literal).join("\\s+");
  const found = new RegExp(
    `(${first ? `^|\\P{${first}}` : ""})${words}${last ? `(?!\\p{${last}})` : ""}`,
    "giu",
  );
  return text.replace(found, (_, before) => before + to);
}

/** @template T @param {T} value @param {Change[]} changes @returns {T} with every text as it may be kept */
export function masked(value, changes) {
  if (typeof value === "string") {
    const text = value.normalize("NFC");
    const whole = changes.find(({ from }) => from.normalize("NFC") === text);
    if (whole) return /** @type {any} */ (whole.to);
    const done = changes.reduce(replaced, text);
    return /** @type {any} */ (done === text ? value : done);
  }
  if (Array.isArray(value)) return /** @type {any} */ (value.map((one) => masked(one, changes)));
  if (!value || typeof value !== "object") return value;
  return /** @type {any} */ (
    Object.fromEntries(Object.entries(value).map(([key, one]) => [key, masked(one, changes)]))
  );
}

/**
 * Rows of this phone that hold what the server tells as redacted, as they may be kept.
 * @param {Gandan.Store} store @param {any[]} pulled whole records and summaries
 * @param {Gandan.Held[]} held what is told of the quarantine
 * @param {any[]} earlier records that are gone from here, as they were
 * @returns {Promise<{from: Gandan.StoreName, row: any}[]>}
 */
export async function redactedRows(store, pulled, held, earlier) {
  const records = pulled.filter((one) => one.revisions?.some((/** @type {any} */ it) => it.redacted));
  const kept = held.filter((one) => one.body && one.op_id);
  if (!records.length && !kept.length) return [];
  /** How each operation reads now. @type {Map<string, Gandan.Body>} */
  const bodies = new Map(kept.map((one) => [one.op_id ?? "", one.body ?? {}]));
  for (const { revisions } of records)
    for (const one of revisions) if (one.redacted) bodies.set(one.op_id, one.body);
  const [sent, drafts, outbox] = await Promise.all([
    store.all("sent"),
    store.all("drafts"),
    store.all("outbox"),
  ]);
  const old = sent.filter((row) => bodies.has(row.op_id));
  /** @type {Map<string, Change[]>} by the record that was redacted */
  const changes = new Map();
  const note = (/** @type {string} */ id, /** @type {Change[]} */ more) =>
    changes.set(id, [...(changes.get(id) ?? []), ...more]);
  for (const row of old) note(row.record_id, changesBetween(row.body, bodies.get(row.op_id)));
  for (const { id, body, revisions } of records) {
    const known = (await store.get("records", id)) ?? earlier.find((one) => one.id === id);
    // What is here may be of an older revision than what is told now.
    note(id, changesBetween(known?.body, bodies.get(toldBy(known?.revisions) ?? "") ?? body));
    for (const one of known?.revisions ?? [])
      note(
        id,
        changesBetween(one.body, revisions.find((/** @type {any} */ it) => it.op_id === one.op_id)?.body),
      );
  }
  const all = [...changes].filter(([, found]) => found.length);
  /** Of the record, or of one that names it. @param {any} row @param {string} id */
  const mask = (row, id) => {
    const said = JSON.stringify(row.body);
    const found = all
      .filter(([redacted]) => redacted === id || said.includes(redacted))
      .flatMap(([, one]) => one);
    const body = found.length ? masked(row.body, found) : row.body;
    return JSON.stringify(body) === said ? [] : [{ ...row, body }];
  };
  /** @param {Gandan.StoreName} from */
  const rowsOf = (from) => (/** @type {any} */ row) => ({ from, row });
  return [
    ...old.map((row) => ({ ...row, body: bodies.get(row.op_id) })).map(rowsOf("sent")),
    ...drafts.flatMap((row) => mask(row, recordOf(row))).map(rowsOf("drafts")),
    // What was tried once may be on the server already: it stays as it is, and is masked where it arrives.
    ...outbox
      .filter((row) => !row.frozen)
      .flatMap((row) => mask(row, row.record_id))
      .map(rowsOf("outbox")),
  ];
}
