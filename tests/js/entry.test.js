import assert from "node:assert/strict";
import { test } from "node:test";
import { namePetitions, openEntry, operationsOf } from "../../static/js/forms/entry.js";
import { withdraw, withdrawalOf } from "../../static/js/forms/withdrawal.js";
import { saveDraft } from "../../static/js/offline/outbox.js";
import { area, date, form, hidden, select } from "./support/form.js";
import { createPhone } from "./support/phone.js";

const blank = { options: [{ value: "", defaultSelected: true }] };

/** The form of an entry. @param {{id?: string, rev?: number, title?: string}[]} petitions */
const page = (...petitions) =>
  form(
    select("unit_id", "unit-1", blank),
    date("meeting_date", "2026-11-18"),
    ...petitions.flatMap(({ id = "", rev = "", title = "" }, place) => [
      hidden(`petitions-${place}-id`, id),
      hidden(`petitions-${place}-rev`, String(rev)),
      area(`petitions-${place}-title`, title),
    ]),
  );

/** @param {object} more @returns {any} */
const rowsOf = (more) => ({
  records: [],
  sent: [],
  outbox: [],
  drafts: [],
  quarantine: [],
  units: [{ id: "unit-1", mine: true }],
  ...more,
});

const record = (/** @type {string} */ id, /** @type {number} */ rev, /** @type {object} */ more) => ({
  id,
  rev,
  kind: "meeting",
  unit_id: "unit-1",
  state: "submitted",
  revisions: [],
  reviews: [],
  ...more,
});
const petition = (/** @type {string} */ id, /** @type {number} */ rev, /** @type {string} */ title) =>
  record(id, rev, {
    kind: "petition",
    state: "raised",
    meeting_id: "m",
    body: { title, unit_id: "unit-1", meeting_id: "m" },
  });
const meeting = (/** @type {number} */ rev, /** @type {string[]} */ petition_ids) =>
  record("m", rev, {
    meeting_date: "2026-11-18",
    body: { unit_id: "unit-1", meeting_date: "2026-11-18", petition_ids },
  });
const editing = new URLSearchParams("id=m");
const brief = (/** @type {Gandan.Operation[]} */ operations) =>
  operations.map(({ kind, id, base_rev }) => [kind, id, base_rev]);

test("what another phone did to the petitions while a draft lay here is neither undone nor taken over", () => {
  const then = openEntry(rowsOf({ records: [meeting(1, ["p"]), petition("p", 1, "Đắp đường")] }), editing);
  assert.ok(then);
  const draft = {
    id: "m",
    kind: "meeting",
    unit_id: "unit-1",
    base_rev: then.base_rev,
    updated_at: "2026-11-19",
    body: { form: [], known: then.petitions },
  };
  const records = [meeting(2, ["p", "q"]), petition("p", 2, "Đắp đường, làm cống"), petition("q", 1, "Đèn")];
  const now = openEntry(rowsOf({ records, drafts: [draft] }), editing);
  assert.ok(now);
  const untouched = operationsOf(page({ id: "p", rev: 1, title: "Đắp đường" }), now);
  assert.deepEqual(brief(untouched), [["meeting.save", "m", 1]]);
  const mended = operationsOf(page({ id: "p", rev: 1, title: "Đắp đường lộ" }), now);
  assert.deepEqual(brief(mended), [
    ["meeting.save", "m", 1],
    ["petition.save", "p", 1],
  ]);
  assert.deepEqual(brief(operationsOf(page(), now)), [
    ["meeting.save", "m", 1],
    ["petition.withdraw", "p", 1],
  ]);
});

test("a petition is dropped in the knowledge of what the form was filled with, and of nothing another window saved", () => {
  const outbox = [
    { op_id: "o", record_id: "p", kind: "petition.save", rev: 2, base_rev: 1, seq: 1, form: "f", body: {} },
  ];
  const body = { title: "Đèn", meeting_id: "m" };
  const rows = {
    records: [meeting(1, ["p"]), petition("p", 1, "Đèn")],
    outbox: outbox.map((row) => ({ ...row, body })),
  };
  const opened = openEntry(rowsOf(rows), editing);
  assert.ok(opened);
  const dropped = operationsOf(page(), opened).find(({ kind }) => kind === "petition.withdraw");
  assert.deepEqual([dropped?.form, dropped?.seen], [opened.form, { op_id: "o", form: "f" }]);
});

test("a draft of an entry that has left this phone still knows its petitions", () => {
  const known = [
    { id: "p", rev: 1, body: { title: "Đèn", unit_id: "unit-1", meeting_id: "m" }, held: false },
  ];
  const draft = { id: "m", kind: "meeting", unit_id: "unit-1", base_rev: 1, updated_at: "", body: { known } };
  const opened = openEntry(rowsOf({ drafts: [draft] }), editing);
  assert.ok(opened);
  assert.deepEqual(brief(operationsOf(page({ id: "p", rev: 1, title: "Đèn" }), opened)), [
    ["meeting.save", "m", 1],
  ]);
});

test("a petition has its id before it is saved: two windows that go on with one draft make it once", () => {
  const first = page({ title: "Đèn" }, {});
  namePetitions(first);
  const opened = openEntry(rowsOf({}), new URLSearchParams());
  assert.ok(opened);
  const [, once] = operationsOf(first, opened);
  const [, again] = operationsOf(first, opened);
  assert.match(once?.id ?? "", /^[0-9a-f-]{36}$/);
  assert.equal(again?.id, once?.id);
  assert.equal(operationsOf(first, opened).length, 2, "a row in which nothing was said is none");
});

test("what is saved names the versions that were undecided when its form was opened, however long ago", () => {
  const versions = (/** @type {string[]} */ ...beside) => [
    { op_id: "o-1", rev: 1, parallel: false },
    ...beside.map((op_id) => ({ op_id, rev: 1, parallel: true })),
  ];
  const then = [
    { ...meeting(1, ["p"]), revisions: versions("m-2") },
    { ...petition("p", 1, "Đèn"), revisions: versions("p-2") },
  ];
  const opened = openEntry(rowsOf({ records: then }), editing);
  assert.ok(opened);
  const named = (/** @type {typeof opened} */ form, /** @type {HTMLFormElement} */ said) =>
    operationsOf(said, form).map(({ kind, settles }) => [kind, settles]);
  const mended = page({ id: "p", rev: 1, title: "Đèn đường" });
  assert.deepEqual(named(opened, mended), [
    ["meeting.save", ["m-2"]],
    ["petition.save", ["p-2"]],
  ]);
  assert.deepEqual(named(opened, page())[1], ["petition.withdraw", ["p-2"]]);
  const { base_rev, settles, petitions: known } = opened;
  const draft = {
    id: "m",
    kind: "meeting",
    unit_id: "unit-1",
    base_rev,
    updated_at: "",
    body: { settles, known },
  };
  const now = [{ ...meeting(1, ["p"]), revisions: versions("m-2", "m-3") }, then[1]];
  const later = openEntry(rowsOf({ records: now, drafts: [draft] }), editing);
  assert.ok(later);
  assert.deepEqual(named(later, mended)[0], ["meeting.save", ["m-2"]]);
  const fresh = openEntry(rowsOf({ records: now }), editing);
  assert.deepEqual(fresh?.settles, ["m-2", "m-3"]);
});

const taken = (/** @type {string} */ id, /** @type {string} */ state) => ({
  ...petition(id, 1, "Đèn"),
  state,
});

test("an entry is withdrawn with the petitions that nobody has taken up, and with no others", () => {
  const states = [
    "raised",
    "triaged",
    "in_progress",
    "resolved",
    "closed",
    "redirected",
    "merged",
    "withdrawn",
  ];
  const records = [meeting(1, states), ...states.map((state) => taken(state, state))];
  const outbox = [{ op_id: "o", record_id: "new", kind: "petition.save", rev: 1, base_rev: 0, seq: 1 }];
  const waiting = outbox.map((row) => ({ ...row, body: { title: "Cống", meeting_id: "m" } }));
  const operations = withdrawalOf(rowsOf({ records, outbox: waiting }), "m", "Nhầm tổ");
  assert.deepEqual(brief(operations), [
    ["meeting.withdraw", "m", 1],
    ["petition.withdraw", "raised", 1],
    ["petition.withdraw", "new", 1],
  ]);
  assert.deepEqual(withdrawalOf(rowsOf({}), "m", "Nhầm tổ"), []);
});

test("withdrawing drops all that was told to go with it, and nothing that was typed since", async (t) => {
  const { store } = await createPhone(t);
  const draft = (/** @type {string} */ id, /** @type {string} */ updated_at) =>
    /** @type {Gandan.Draft} */ ({
      id,
      kind: "meeting",
      record_id: "m",
      form: `form-${id}`,
      base_rev: 1,
      unit_id: "unit-1",
      updated_at,
      body: {},
    });
  for (const id of ["m", "window-2", "window-3", "other"]) await saveDraft(store, draft(id, "2026-11-19"));
  const drafts = /** @type {Gandan.Draft[]} */ (await store.all("drafts"));
  const told = drafts.filter(({ id }) => id !== "other");
  await saveDraft(store, draft("window-3", "2026-11-20")); // somebody types on
  await withdraw(store, withdrawalOf(rowsOf({ records: [meeting(1, [])] }), "m", "Nhầm tổ"), told);
  assert.deepEqual((await store.all("drafts")).map(({ id }) => id).sort(), ["other", "window-3"]);
  assert.equal(await store.count("outbox"), 1);
});

test("a petition that the desk has taken up is neither withdrawn nor sent again, whenever the form was filled", () => {
  const before = [meeting(1, ["p"]), petition("p", 1, "Đèn")];
  const then = openEntry(rowsOf({ records: before }), editing);
  assert.ok(then);
  const draft = {
    id: "m",
    kind: "meeting",
    unit_id: "unit-1",
    base_rev: 1,
    updated_at: "",
    body: { known: then.petitions },
  };
  const records = [meeting(1, ["p"]), taken("p", "triaged")];
  for (const rows of [{ records }, { records, drafts: [draft] }]) {
    const opened = openEntry(rowsOf(rows), editing);
    assert.ok(opened);
    assert.equal(opened.petitions[0]?.taken_up, true);
    assert.deepEqual(brief(operationsOf(page(), opened)), [["meeting.save", "m", 1]]);
  }
  // What a window typed that knew nothing of it is not lost: it is sent, and kept for whoever works on it.
  const late = openEntry(rowsOf({ records, drafts: [draft] }), editing);
  assert.ok(late);
  const said = operationsOf(page({ id: "p", rev: 1, title: "Đèn đường" }), late);
  assert.deepEqual(brief(said)[1], ["petition.save", "p", 1]);
  // Refused before it was known to be taken up, it is not refused once more.
  const held = openEntry(
    rowsOf({ records, quarantine: [{ op_id: "h", record_id: "p", state: "waiting", received_at: "" }] }),
    editing,
  );
  assert.ok(held?.petitions[0]?.held);
  assert.deepEqual(brief(operationsOf(page({ id: "p", rev: 1, title: "Đèn" }), held)), [
    ["meeting.save", "m", 1],
  ]);
});
