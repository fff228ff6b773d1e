// Types shared by the scripts, for the type check only: this file is never served.
// biome-ignore-all lint/suspicious/noExplicitAny: bodies and rows are checked where they come from, by the server
// They are ambient, so that a comment can say `Gandan.Row` without an import.

declare namespace Gandan {
  type StoreName = "drafts" | "outbox" | "sent" | "records" | "units" | "meta" | "diary" | "media" | "blobs";
  type Kind =
    | "meeting.save"
    | "meeting.withdraw"
    | "petition.save"
    | "petition.withdraw"
    | "flash_report.save"
    | "flash_report.withdraw";
  type Body = Record<string, any>;

  /** What a form hands to `saveAll`. */
  interface Operation {
    kind: Kind;
    /** The record's id, minted with `uuid7()` for a new record. */
    id: string;
    /** The entry that it is part of, where it is not one itself: a petition's meeting. */
    entry?: string;
    /** The revision the author was looking at (`view.rev`); 0 for a new record. */
    base_rev: number;
    body: Body;
    learned_at?: string;
    /** The form that says it, as it was opened this once: what it saves again replaces what it saved. */
    form?: string;
    /** What waited when the form was filled with it. */
    seen?: Seen;
    /** The undecided versions, and what was held back, that were known then (`view.settles`): it decides these, and no others. */
    settles?: string[];
  }
  type Seen = Pick<Row, "op_id" | "form">;

  /** A row of the outbox. */
  interface Row {
    op_id: string;
    record_id: string;
    /** The entry that the record is part of, where it is not one itself. */
    entry?: string;
    kind: Kind;
    rev: number;
    base_rev: number;
    /** The row it was made on, while that one waited. */
    base_op?: string;
    /** The undecided versions, and what was held back, that its author knew of. */
    settles?: string[];
    /** `device_seq` of the protocol. */
    seq: number;
    made_at: string;
    learned_at?: string;
    clock_offset?: number;
    author: string;
    /** The device whose secret made `mac`; known once the row is frozen. */
    device?: string;
    /** How often the body was replaced before the first attempt. */
    edits: number;
    /** The form that saved it last. */
    form?: string;
    frozen: boolean;
    body: Body;
    /** The exact text that is sent, and its authentication code. */
    text?: string;
    mac?: string;
  }

  interface Outcome {
    op_id: string | null;
    outcome: "applied" | "duplicate" | "parallel" | "quarantined" | "retry";
    code: string;
    message: string;
    receipt?: string;
    received_at?: string;
  }

  /** What the server says a phone should hold of what is recent. */
  interface Check extends Digest {
    /** Of other records than entries, by when they were received. */
    others?: Digest;
  }

  interface Digest {
    since: string;
    count: number;
    digest: string;
  }

  /** An operation of this officer's that the server keeps in quarantine, or kept until lately. */
  interface Held {
    op_id: string | null;
    record_id: string | null;
    receipt: string;
    code: string;
    message: string;
    received_at: string;
    state: "waiting" | "released" | "dismissed" | "superseded";
    note: string;
    /** As it may be kept, once something in it was masked. */
    body?: Body;
  }
  type HeldView = Pick<Held, "code" | "message" | "state"> &
    Partial<Held> & {
      /** What was held back is on this phone. */
      here: boolean;
    };

  /** Everything the views are made of. */
  interface Rows {
    records?: PulledRecord[];
    sent?: SentRow[];
    outbox?: Row[];
    drafts?: Draft[];
    quarantine?: Held[];
  }

  /** A row that the server has answered for. */
  interface SentRow {
    op_id: string;
    record_id: string;
    kind: Kind;
    rev: number;
    base_rev: number;
    seq: number;
    outcome: "applied" | "duplicate" | "parallel" | "quarantined";
    acknowledged_at: string;
    /** What became of it, if it was held back and is settled. */
    fate?: Held["state"];
    code: string;
    message: string;
    receipt?: string;
    received_at?: string;
    made_at: string;
    learned_at?: string;
    clock_offset?: number;
    body: Body;
  }

  /** What is being typed. */
  interface Draft {
    /** The record's id; of what was set apart, the id of the form that writes it. */
    id: string;
    /** Whose draft it is, where its id does not say so. */
    record_id?: string;
    /** The form that wrote it last. */
    form?: string;
    kind: "meeting" | "petition" | "flash_report";
    unit_id: string;
    base_rev: number;
    updated_at: string;
    body: Body;
    /** The photos it names, so that they are kept. */
    photos?: string[];
  }

  /** What a form is kept in: it replaces and drops only what it wrote itself, or what it was opened with. */
  interface Hold {
    id: string;
    record_id?: string;
    /** This form, opened this once. */
    form?: string;
    /** The draft it was opened with. */
    found?: Pick<Draft, "form" | "updated_at"> | null;
  }

  /** A photo on this phone; its bytes are in `blobs`. */
  interface Media {
    sha256: string;
    size: number;
    added_at: number;
    /** Entries whose newest saved revision names it. */
    records: string[];
    /** When the server had all of it. */
    complete_at?: string;
  }
  /** How far a photo is sent. */
  interface Upload {
    /** null: a request was not answered, so the server must be asked. */
    offset: number | null;
    piece: number;
    /** In how many runs since the last byte came through no answer came. */
    failures?: number;
    /** In how many runs the server would not have it. */
    refusals?: number;
  }

  interface Author {
    id: string;
    name: string;
  }
  interface Revision {
    op_id?: string;
    rev: number;
    made_at: string;
    received_at?: string;
    receipt?: string;
    parallel?: boolean;
    withdrawal?: boolean;
    /** Who wrote it, where that is not the record's author. */
    author?: Author;
    /** Something in it was masked; then it comes with its body. */
    redacted?: boolean;
    /** Only of an undecided version, or one that was redacted. */
    body?: Body;
  }
  /** Something that the desk masked in a record. */
  interface Redaction {
    reason: "person" | "number" | "life" | "stance" | "channel" | "secret";
    field?: string;
    by: string;
    at: string;
  }
  /** A revision as the phone sees it. */
  interface Version extends Revision {
    standing: boolean;
    /** Kept beside the standing one, and nobody has said yet which stands. */
    undecided: boolean;
    /** null: this phone does not have it. Of a withdrawal, `{reason}`. */
    body: Body | null;
  }
  interface Remark {
    field: string;
    text: string;
  }
  interface Review {
    id: string;
    rev: number;
    decision: "accepted" | "returned" | "comment";
    text: string;
    by: string;
    at: string;
    remarks: Remark[];
  }

  /** A pulled entry or petition, as the protocol gives it, with `kind` and `author_id` added. */
  interface PulledRecord {
    id: string;
    kind: "meeting" | "petition" | "flash_report";
    unit_id: string;
    /** Whose work it is now: its author's, or its keeper's. */
    author_id: string;
    author: Author;
    /** To whom it was handed over. */
    keeper?: Author;
    rev: number;
    state: string;
    received_at?: string;
    receipt?: string;
    body?: Body;
    revisions?: Revision[];
    reviews?: Review[];
    redactions?: Redaction[];
    [field: string]: any;
  }

  interface Unit {
    id: string;
    type: string;
    /** What such a unit is called here. */
    type_label?: string;
    name: string;
    parent_id: string | null;
    mine: boolean;
    households?: number | null;
    households_as_of?: string | null;
    /** What held before, the newest first. */
    earlier_counts?: { households: number; households_as_of: string }[];
    contacts?: Contact[];
    /** among the units of this phone, by name; what an older version of the app stored has none */
    order?: number;
  }

  /** Who else follows a unit, from where, and how to reach them. */
  interface Contact {
    name: string;
    title?: string;
    role: string;
    place: string;
    agency?: string;
    phone?: string;
  }

  interface Session {
    device: string;
    revoked: boolean;
    secret: string;
  }

  /** Somebody who has signed in on this phone. */
  interface Person {
    id: string;
    name: string;
    title: string;
    may_record: boolean;
    demonstration: boolean;
    device: string;
    revoked: boolean;
  }

  type Where =
    | "draft"
    | "waiting"
    | "sent"
    | "submitted"
    | "returned"
    | "accepted"
    | "withdrawn"
    | "quarantined"
    | "dismissed"
    | "parallel"
    | "locked"
    | "raised"
    | "reported"
    | "opened"
    | "redirected";

  /** One record as the phone sees it: what was pulled, and above it what this phone has added. */
  interface View {
    id: string;
    unit_id: string;
    where: Where;
    /** To be given as `base_rev` when the author saves what this view shows. */
    rev: number;
    /** The newest operation that waits, to be given as `seen`. */
    seen?: Seen;
    /** What the author is shown as undecided or held back, to be given as `settles`. */
    settles: string[];
    /** Operations that the server has not answered for yet. */
    pending: number;
    /** A withdrawal is on its way. */
    withdrawing: boolean;
    author: Author | null;
    /** To whom it was handed over: they answer for it now. */
    keeper: Author | null;
    body: Body | null;
    receipt: string | null;
    received_at: string | null;
    /** What the server holds back of this record, or held back until lately. */
    held: HeldView | null;
    /** In the order received. */
    revisions: Version[];
    /** Whether everything undecided has come back with what stands: only then can one be chosen. */
    settled: boolean;
    reviews: Review[];
    /** What the desk masked in it. */
    redactions: Redaction[];
    /** Of the newest revision, if it was returned and nothing newer has been saved. */
    remarks: Remark[];
  }
  interface EntryView extends View {
    meeting_date: string;
    status: "held" | "not_held";
    format: string;
    theme: string;
    not_held_reason: string | null;
    households_present: number | null;
    households_total: number | null;
    petition_count: number;
  }
  interface PetitionView extends View {
    meeting_id: string | null;
    /** The desk works on it, or is done with it: its author changes and withdraws it no more. */
    taken_up: boolean;
    title: string;
    category: string;
    urgency: string;
    /** The answer that stands, to be told to the group. */
    answer: Answer | null;
    /** Who settles it, and the day promised. */
    owner: string;
    due: string;
  }
  interface FlashView extends View {
    what: string;
    /** The three times, as far as they are known; the first two by the true clock. */
    learned: string;
    recorded: string;
    received: string;
    /** Who opened it first, if somebody who can act has. */
    opened: { at: string; role: string; place: string } | null;
  }
  interface Answer {
    id: string;
    kind: "answer" | "resolve" | "decline";
    text: string;
    evidence: string;
    at: string;
  }
  /** What the server tells of the calendar, whole (docs/sync-protocol.md, section 5). */
  interface Calendar {
    /** The starts of lunar months: day, month, and 1 for a leap month. */
    lunar: [string, number, number?][];
    windows: { type: string; first: number; last: number; units?: string[]; months?: string[] }[];
    duties: {
      type: string;
      count: number;
      each: boolean;
      from: string;
      until: string;
      done?: number;
      wanted?: number;
    }[];
    plans: {
      id: string;
      type: string;
      unit_id: string;
      at: string;
      minutes: number;
      where?: string;
      place?: string;
      subject?: string;
      me?: boolean;
    }[];
  }
  /** An item of a month's bulletin, as the server tells it whole (docs/sync-protocol.md, section 5). */
  interface BulletinItem {
    id: string;
    /** "2026-11" */
    month: string;
    title: string;
    text: string;
    from: string;
    at: string;
    /** Only for groups in these places; absent: all. */
    places?: string[];
    /** Only where the group or a unit above it is of one of these types; absent: all. */
    kinds?: string[];
    pinned?: boolean;
    /** The version that it replaces. */
    replaces?: string;
    /** What goes with it: pictures and PDF. */
    files?: { sha256: string; name: string; type: string; size: number }[];
  }
  /** What holds for petitions of one kind (docs/sync-protocol.md, section 5). */
  interface Category {
    code: string;
    level: string;
    days: number;
    routing: string;
    basis: string;
    /** What people call such matters, separated by commas. */
    words: string;
    must_report?: boolean;
  }
  /** A meeting that is to be. */
  interface Planned {
    id: string;
    type: string;
    unit_id: string;
    /** The name of a unit this phone does not know. */
    where: string;
    /** "2026-11-18T18:00", in Viet Nam. */
    at: string;
    minutes: number;
    place: string;
    subject: string;
    /** This officer attends. */
    mine: boolean;
    /** What else this officer attends at the same time. */
    clashes: Planned[];
  }
  interface DutyItem {
    type: string;
    done: number;
    wanted: number;
    state: "met" | "future" | "due" | "overdue";
  }
  type MonthState =
    /** The first load is not whole: it may have been held. */
    | "loading"
    | "due"
    | "overdue"
    | "missing"
    | "future"
    | "draft"
    | "waiting"
    | "held"
    | "not_held"
    | "accepted"
    | "returned"
    | "quarantined"
    | "parallel";
  interface TodayItem {
    /** null: a group that is no longer on this phone. */
    unit: Unit | null;
    month: string;
    state: MonthState;
    /** The entry that gives the state; null when there is none. */
    entry: EntryView | null;
    /** All entries of the month, if there are several. */
    twins: EntryView[];
  }
  interface MonthItem {
    month: string;
    state: MonthState;
    entry: EntryView | null;
  }

  /** What a tap does about a problem; each is a button of `meetings/_taps.html`. */
  type Tap = "send" | "sign_in" | "device" | "update" | "reload";
  /** One sentence and one thing to do. */
  interface Problem {
    code: string;
    message: string;
    action: string;
    tap: Tap | null;
  }
  interface StorageAnswer {
    /** null: the browser does not say. */
    persisted: boolean | null;
    usage: number | null;
    quota: number | null;
    low: boolean;
    message: string;
    action: string;
  }
  interface SyncState {
    /** Entries with unacknowledged rows: the only truth about being synced. */
    unsent: number;
    /** Photos of saved entries that are still to be sent, and those sent since the app was opened. */
    photos: { waiting: number; sent: number };
    sending: boolean;
    lastContact: string | null;
    problem: Problem | null;
    storage: StorageAnswer | null;
  }
  interface Sync {
    run(reason?: string): Promise<SyncState>;
    refresh(): Promise<SyncState>;
    state(): SyncState;
    /** Tells at once and at every change, but nothing before the rows were counted. */
    subscribe(listener: (state: SyncState) => void): () => void;
    /** Milliseconds until the timer should run again. */
    delay(): number;
    close(): void;
  }

  interface Connection {
    /** When the page's first exchange is over, however it went. */
    opened: Promise<unknown>;
    /** Something was saved; "urgent": it is worth a try although a pause is on. */
    saved(reason?: "save" | "urgent"): void;
    sendNow(): Promise<SyncState>;
    stop(): void;
  }
  interface Updates {
    /** Call it once the page is usable: the first download should not compete with it. */
    start(): Promise<void>;
    subscribe(listener: (waiting: boolean) => void): () => void;
    /** False when a form is open: ask again later. */
    apply(): boolean;
    /** Look for a new version and take it; "none": this is the newest there is. */
    seek(): Promise<"busy" | "coming" | "none">;
  }

  interface Codec {
    encode(value: any): Promise<any>;
    decode(value: any): Promise<any>;
  }
  type Transaction = import("../vendor/idb.js").IDBPTransaction<any, string[], "readwrite">;

  interface Store {
    officerId: string;
    get(name: StoreName, key: string): Promise<any>;
    all(name: StoreName, index?: string, key?: IDBValidKey): Promise<any[]>;
    count(name: StoreName): Promise<number>;
    put(name: StoreName, ...rows: object[]): Promise<void>;
    remove(name: StoreName, ...keys: string[]): Promise<void>;
    meta(key: string): Promise<any>;
    setMeta(values: Record<string, any>): Promise<void>;
    /** Runs `work` in one read transaction; rows come as stored (`unseal` them afterwards). */
    read<T>(names: StoreName[], work: (tx: Transaction) => Promise<T>): Promise<T>;
    /** Runs `work` in one strict transaction and resolves after it is complete. */
    write<T>(names: StoreName[], work: (tx: Transaction) => Promise<T>): Promise<T>;
    seal(name: StoreName, row: object): Promise<any>;
    unseal(row: any): Promise<any>;
    /** A line of the diary for support; never throws. */
    note(event: string, detail?: object): Promise<void>;
    /** Called after every change by this window or another one. */
    watch(listener: () => void): () => void;
    close(): void;
  }

  interface Registry {
    current(): Promise<Person | null>;
    setCurrent(person: Person | null): Promise<void>;
    people(): Promise<Person[]>;
    close(): void;
  }

  type Fetch = (input: string, init?: RequestInit) => Promise<Response>;
}
