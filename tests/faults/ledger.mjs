// What must be true, written down while a schedule runs and compared with the server's database at its end.
import { createHash } from "node:crypto";

/** @typedef {{person: string, phone: string, records: any[], sent: any[], outbox: any[], drafts: any[], photos: any[], entries: any[], petitions: any[], flashes: any[], drifts: any[]}} Notebook */
/** @typedef {Record<string, any[]>} Dump */

/** @param {any} body as `saveAll` keeps it */
export const plain = (body) =>
  JSON.stringify(body, (_, part) => (typeof part === "string" ? part.normalize("NFC") : part));

/** The same whatever the order of keys. @param {any} value @returns {string} */
const canonical = (value) =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** What the schedules write that should not be written down. */
export const SECRET = /0790\d{6}/g;
const KINDS = ["meeting", "petition", "flash_report"];
const MARK = /\[đã che(?:: [^\]]+)?\]/u;

/**
 * Whether it says what was saved, letter for letter or with something masked.
 * @param {any} saved @param {any} there @returns {boolean}
 */
function says(saved, there) {
  if (typeof saved === "string" && typeof there === "string") {
    if (saved.normalize("NFC") === there.normalize("NFC")) return true;
    const parts = there.normalize("NFC").split(MARK);
    let from = 0;
    for (const part of parts) {
      const at = saved.normalize("NFC").indexOf(part, from);
      if (at < from) return false;
      from = at + part.length;
    }
    return parts.length > 1;
  }
  if (!saved || typeof saved !== "object" || !there) return saved === there;
  const keys = Object.keys(saved);
  return keys.length === Object.keys(there).length && keys.every((key) => says(saved[key], there[key]));
}

/** @param {Iterable<string> | undefined} bodies @param {string} there */
const oneSays = (bodies, there) =>
  [...(bodies ?? [])].some((body) => says(JSON.parse(body), JSON.parse(there)));

export class Ledger {
  /**
   * Operations whose saving was confirmed on the screen; `knows` are those that their author had before them.
   * @type {Map<string, {record: string, kind: string, body: string, form?: string, knows?: Set<string>}>}
   */
  saved = new Map();
  /** Bodies whose saving was tried and neither confirmed nor refused: the phone died. @type {Map<string, Set<string>>} */
  tried = new Map();
  /** Bodies that the phone said it could not keep. @type {Set<string>} */
  refused = new Set();
  /** The text of each operation at its first attempt. @type {Map<string, string>} */
  frozen = new Map();
  /** What the server said of each operation, whether anybody heard it or not. @type {Map<string, any[]>} */
  answers = new Map();
  /** Drafts that were kept, by phone, person and record: their body. @type {Map<string, string>} */
  drafts = new Map();
  /** Operations and photos that were on a lost phone alone. @type {Set<string>} */
  drowned = new Set();
  /** What was masked. @type {Set<string>} */
  masked = new Set();
  /** Receipts that the desk was shown. @type {Set<string>} */
  receipts = new Set();
  /** @type {string[]} */
  violations = [];

  /**
   * A person was told that something is saved. What was saved before gives way only to who had it before them.
   * @param {Gandan.Row} row @param {import("./forms.mjs").Part} [part] what the form was filled with
   */
  confirmed({ op_id, record_id, kind, form, body }, part) {
    const before = this.saved.get(op_id);
    const replaces = before && before.body !== plain(body) && !kind.endsWith(".withdraw");
    // What a phone died over may be on its disk, in the place of what was confirmed before it.
    const had = part && [before?.body ?? "{}", ...(this.tried.get(record_id) ?? [])];
    if (replaces && before.form !== form && had && !oneSays(had, plain(part.body)))
      this.violations.push(`overwritten unread: ${op_id}\n    was ${before.body}\n    is  ${plain(body)}`);
    const knows = part && new Set([...part.knows, ...(before?.knows ?? [])]);
    this.saved.set(op_id, { record: record_id, kind, body: plain(body), form, knows });
  }

  /** @param {string} text of an operation as it leaves a phone */
  sent(text) {
    const { op_id } = JSON.parse(text);
    const before = this.frozen.get(op_id);
    if (before === undefined) this.frozen.set(op_id, text);
    else if (before !== text)
      this.violations.push(`frozen text changed: ${op_id}\n    before ${before}\n    after  ${text}`);
  }

  /** @param {any} outcome */
  answered(outcome) {
    if (!outcome.op_id) return;
    const all = this.answers.get(outcome.op_id) ?? [];
    all.push(outcome);
    this.answers.set(outcome.op_id, all);
    const first = all.find((one) => one.receipt);
    if (outcome.receipt && outcome.receipt !== first.receipt)
      this.violations.push(`two receipts of one operation: ${outcome.op_id}`);
  }

  /**
   * Compare everything. @param {Dump} dump @param {Notebook[]} notebooks
   * @param {{feeds: Record<string, string>, officers: Record<string, string>}} world @param {number} now the server's time
   */
  check(dump, notebooks, world, now) {
    const say = (/** @type {string} */ text) => this.violations.push(text);
    const table = (/** @type {string} */ name) => dump[name] ?? [];
    const revisions = KINDS.flatMap((kind) => table(`${kind}_revision`));
    const kept = table("quarantined").map((row) => ({
      ...row,
      text: Buffer.from(row.payload, "hex").toString(),
    }));
    const records = new Map(KINDS.flatMap((kind) => table(kind).map((row) => [row.id, { ...row, kind }])));
    /** @type {Map<string, any>} */
    const applied = new Map();
    for (const row of revisions) {
      if (applied.has(row.op_id)) say(`applied twice: ${row.op_id}`);
      applied.set(row.op_id, row);
    }
    /** @type {Map<string, any>} */
    const held = new Map();
    for (const row of kept) {
      if (held.has(row.op_id)) say(`kept twice in quarantine: ${row.op_id}`);
      held.set(row.op_id, row);
      if (applied.has(row.op_id) && row.settled !== "released")
        say(`applied and in quarantine: ${row.op_id}`);
      if (row.settled === "released" && !applied.has(row.op_id))
        say(`released and not applied: ${row.op_id}`);
    }

    for (const [op_id, { record, body, kind }] of this.saved) {
      const there = applied.get(op_id)?.payload ?? held.get(op_id)?.text;
      if (there === undefined) {
        if (!this.drowned.has(op_id)) say(`lost: ${kind} ${op_id} of ${record}`);
        continue;
      }
      const said = plain(JSON.parse(there).body);
      if (!oneSays([body], said) && !oneSays(this.tried.get(record), said))
        say(`another body than saved: ${op_id}\n    saved  ${body}\n    server ${said}`);
    }
    for (const row of [...revisions.map((one) => ({ ...one, text: one.payload })), ...kept]) {
      const there = JSON.parse(row.text);
      const said = plain(there.body);
      if (!this.saved.has(row.op_id) && !oneSays(this.tried.get(there.id), said))
        say(`never saved: ${row.op_id} ${said}`);
      if (this.refused.has(said)) say(`the phone said it had not kept this: ${row.op_id}`);
      const frozen = this.frozen.get(row.op_id);
      if (row.redacted_at ? !frozen || !says(JSON.parse(frozen), there) : frozen !== row.text)
        say(`another text than frozen: ${row.op_id}`);
    }
    this.#sayWhatCameBack(dump, kept, notebooks);

    const photos = new Map(table("media_object").map((row) => [row.sha256, row]));
    for (const [op_id, { body }] of this.saved) {
      for (const { sha256, size } of JSON.parse(body).photos ?? []) {
        if (this.drowned.has(sha256)) continue;
        const photo = photos.get(sha256);
        if (!photo?.complete_at || photo.received !== size)
          say(`a photo of ${op_id} has not arrived: ${photo?.received ?? 0} of ${size}`);
      }
    }

    const receipts = new Map(table("receipt").map((row) => [row.op_id, row]));
    for (const row of revisions) {
      const receipt = receipts.get(row.op_id);
      const digest = createHash("sha256").update(row.payload).digest("hex");
      if (!receipt) say(`applied without a receipt: ${row.op_id}`);
      else if (
        receipt.receipt_code !== row.receipt_code ||
        receipt.digest !== row.digest ||
        (row.redacted_at ? row.digest === digest : row.digest !== digest)
      )
        say(`the receipt is of something else: ${row.op_id}`);
    }
    for (const op_id of receipts.keys())
      if (!applied.has(op_id)) say(`a receipt without its effect: ${op_id}`);
    const noted = table("audit_event").filter((row) => /\.(save|withdraw)$/.test(row.action)).length;
    if (noted !== revisions.length) say(`${revisions.length} effects, ${noted} in the audit log`);

    for (const [op_id, outcomes] of this.answers) {
      for (const { receipt, outcome } of outcomes) {
        if (!receipt) continue;
        const found = applied.get(op_id) ?? held.get(op_id);
        if (!found) say(`acknowledged as ${outcome} and gone: ${op_id}`);
        else if (found.receipt_code !== receipt) say(`acknowledged under another receipt: ${op_id}`);
      }
    }

    const codes = new Set([...revisions, ...kept].map((row) => row.receipt_code));
    for (const receipt of this.receipts)
      if (!codes.has(receipt)) say(`shown to the desk and gone: ${receipt}`);

    /** @type {Map<string, Set<number>>} */
    const numbers = new Map();
    for (const record of records.values()) {
      const used = numbers.get(record.feed_unit_id) ?? new Set();
      if (used.has(record.feed_seq)) say(`two records under one number: ${record.feed_seq}`);
      numbers.set(record.feed_unit_id, used.add(record.feed_seq));
      const own = revisions.filter((row) => row.record_id === record.id);
      const standing = own
        .filter((row) => !row.is_parallel)
        .sort((a, b) => a.rev - b.rev)
        .at(-1);
      if (standing?.op_id !== record.op_id || standing?.rev !== record.rev)
        say(`the record does not show its newest revision: ${record.id}`);
      for (const row of own) {
        const said = this.saved.get(row.op_id);
        const under = own
          .filter((one) => !one.is_parallel && one.rev <= row.base_rev && one.rev < row.rev)
          .sort((a, b) => a.rev - b.rev)
          .at(-1);
        const stood = under && this.saved.get(under.op_id);
        if (row.is_parallel || !said?.knows || !stood || (said.form && said.form === stood.form)) continue;
        if (!said.knows.has(under.op_id)) say(`put over ${under.op_id}, which it did not know: ${row.op_id}`);
      }
      // What waits beside a revision is decided, or overtaken, by the next one that stands.
      const waits = kept.filter(
        (one) => one.record_id === record.id && !one.settled && one.beside_rev !== null,
      );
      for (const row of [...own.filter((one) => one.is_parallel), ...waits]) {
        const [decides] = own
          .filter((one) => !one.is_parallel && one.rev > row.beside_rev)
          .filter((one) => !row.officer_id || row.officer_id === one.author_id)
          .sort((a, b) => a.rev - b.rev);
        if (this.saved.get(decides?.op_id)?.knows?.has(row.op_id) === false)
          say(`decided by ${decides?.op_id}, which did not know it: ${row.op_id}`);
      }
    }

    for (const notebook of notebooks)
      this.compare(notebook, { applied, held, records, dump, revisions, world, now });
    for (const [place, body] of this.drafts) {
      const [phone, person, id = ""] = place.split(",");
      const notebook = notebooks.find((one) => one.phone === phone && one.person === person);
      const draft = notebook?.drafts.find((one) => one.id === id);
      if (!draft) say(`a draft is lost: ${id}`);
      else if (!oneSays([body, ...(this.tried.get(id) ?? [])], plain(draft.body)))
        say(`a draft says something else: ${id}`);
    }
    return this.violations;
  }

  /**
   * What was masked is nowhere: not on the server, not on a phone; nor is anything of what belongs elsewhere.
   * @param {Dump} dump @param {{record_id: string, text: string}[]} kept @param {Notebook[]} notebooks
   */
  #sayWhatCameBack(dump, kept, notebooks) {
    const { quarantined: _, ...tables } = dump;
    const server = [...Object.values(tables).flat(), ...kept].map((row) => JSON.stringify(row));
    const whole = new Set((dump.redaction ?? []).filter((row) => row.is_whole).map((row) => row.record_id));
    /** @type {[string, string[]][]} */
    const places = [["on the server", server]];
    const texts = (/** @type {any[]} */ rows) => rows.map((row) => JSON.stringify(row));
    for (const { phone, records, sent, outbox, drafts } of notebooks)
      places.push(
        [`on ${phone}`, texts([...records, ...sent, ...outbox])],
        [`in a draft on ${phone}`, texts(drafts)],
      );
    for (const [where, rows] of places) {
      for (const row of rows) {
        const found = row.match(SECRET) ?? [];
        const { id, record_id = id, kind } = JSON.parse(row);
        // Of what was masked whole nothing tells which of its words stand in a draft too: that is masked when it arrives.
        if (whole.has(record_id) && where.startsWith("in a draft")) continue;
        if (found.some((one) => this.masked.has(one)))
          this.violations.push(`masked and still ${where}: ${row}`);
        else if (found.length && whole.has(record_id))
          this.violations.push(`belongs elsewhere and is still ${where}: ${kind} ${row}`);
      }
    }
  }

  /**
   * One person's notebook on one phone against the server.
   * @param {Notebook} notebook
   * @param {{applied: Map<string, any>, held: Map<string, any>, records: Map<string, any>, dump: Dump, revisions: any[], world: any, now: number}} truth
   */
  compare(notebook, { applied, held, records, dump, revisions, world, now }) {
    const { person } = notebook;
    const say = (/** @type {string} */ text) => this.violations.push(`${notebook.phone}: ${text}`);
    const day = new Date(now + 7 * 3_600_000).toISOString().slice(0, 10);
    const mine = new Set(
      (dump.assignment ?? [])
        .filter((row) => row.officer_id === person && row.valid_from <= day && (row.valid_to ?? "9999") > day)
        .map((row) => row.unit_id)
        .filter((unit) => world.feeds[unit] && world.feeds[unit] !== unit),
    );
    const feeds = new Set([...mine].map((unit) => world.feeds[unit]));
    // Of groups that somebody else follows now a phone keeps what was returned, and may drop the rest.
    const left = new Set(
      (dump.assignment ?? [])
        .filter((row) => row.officer_id === person && row.valid_to && row.valid_to <= day)
        .map((row) => row.unit_id)
        .filter((unit) => !mine.has(unit)),
    );
    const isReturned = (/** @type {any} */ record) =>
      (record.kind === "meeting" ? record : records.get(record.meeting_id))?.state === "returned";

    for (const photo of notebook.photos) say(`a photo still waits: ${photo.sha256}`);
    for (const { here, there } of notebook.drifts) say(`drifted: ${here} here, ${there} there`);
    for (const row of notebook.outbox) say(`still waiting: ${row.kind} ${row.op_id}`);
    for (const row of notebook.sent) {
      const found = applied.get(row.op_id) ?? held.get(row.op_id);
      if (found?.receipt_code !== row.receipt) say(`a receipt the server does not know: ${row.receipt}`);
      if ((row.outcome === "quarantined" ? held : applied).get(row.op_id) === undefined)
        say(`${row.outcome} on the phone, not on the server: ${row.op_id}`);
    }
    const told = new Map(notebook.records.map((record) => [record.id, record]));
    const standing = (/** @type {string} */ id) =>
      revisions
        .filter((row) => row.record_id === id && !row.is_parallel && !row.is_withdrawal)
        .sort((a, b) => a.rev - b.rev)
        .at(-1);
    for (const record of records.values()) {
      const own = record.author_id === person;
      const kept = own && (!left.has(record.unit_id) || isReturned(record));
      const inScope = feeds.has(record.feed_unit_id) && (mine.has(record.unit_id) || kept);
      const recent = record.kind === "meeting" || Date.parse(record.recorded_at) >= now - 59 * 86_400_000;
      const here = told.get(record.id);
      if (!here) {
        if (inScope && recent) say(`does not know ${record.kind} ${record.id} (number ${record.feed_seq})`);
        continue;
      }
      if (!mine.has(record.unit_id) && !own)
        say(`still knows ${record.kind} ${record.id} of another's group`);
      if (!inScope) continue;
      if (here.rev !== record.rev || here.state !== record.state || here.receipt !== record.receipt_code)
        say(`${record.id} is ${here.state} at ${here.rev}, on the server ${record.state} at ${record.rev}`);
      if (!here.body) continue;
      const body = JSON.parse(standing(record.id)?.payload ?? "{}").body ?? {};
      if (canonical(here.body) !== canonical(body)) say(`${record.id} has another body than the server`);
      const ids = (/** @type {any[]} */ rows) =>
        rows
          .map((row) => row.op_id)
          .sort()
          .join();
      const there = revisions.filter((row) => row.record_id === record.id);
      if (ids(here.revisions ?? []) !== ids(there)) say(`${record.id} has other revisions than the server`);
      const reviews = (dump.review_event ?? []).filter((row) => row.meeting_id === record.id);
      if (record.kind === "meeting" && (here.reviews ?? []).length !== reviews.length)
        say(`${record.id} has other reviews than the server`);
    }
    for (const id of told.keys()) if (!records.has(id)) say(`knows a record the server does not: ${id}`);

    const drafted = new Set(notebook.drafts.map(({ id }) => id));
    for (const view of [...notebook.entries, ...notebook.petitions, ...notebook.flashes]) {
      const record = records.get(view.id);
      if (drafted.has(view.id) || !told.has(view.id) || view.where === "quarantined") continue;
      if (!["parallel", record?.state].includes(view.where))
        say(`${view.id} is shown as ${view.where}, is ${record?.state} on the server`);
      const body = JSON.parse(standing(view.id)?.payload ?? "{}").body ?? {};
      if (view.body && told.get(view.id)?.body && canonical(view.body) !== canonical(body))
        say(`${view.id} is shown with another body than the server's`);
    }
  }
}
