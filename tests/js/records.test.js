import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defaultsFromLast,
  entryViews,
  householdsOn,
  monthState,
  petitionViews,
} from "../../static/js/offline/records.js";
import { body, held, one, record, refusal, returned, row, sent, TODAY } from "./support/rows.js";

test("a record is one view, wherever its rows are", () => {
  const draft = {
    id: "m",
    kind: /** @type {const} */ ("meeting"),
    unit_id: "u",
    base_rev: 1,
    updated_at: "",
    body: body({ place: "nháp" }),
  };
  assert.equal(one({ drafts: [draft] }).where, "draft");
  assert.equal(one({ outbox: [row()] }).where, "waiting");
  assert.equal(one({ sent: [sent()] }).where, "sent");
  assert.equal(one({ records: [record()] }).where, "submitted");
  assert.equal(one({ records: [record()], sent: [sent()] }).where, "submitted");
  const all = one({
    records: [record()],
    sent: [sent()],
    outbox: [row({ rev: 2, body: body({ place: "mới" }) })],
    drafts: [draft],
  });
  assert.equal(all.where, "draft");
  assert.equal(all.body?.place, "nháp");
  assert.equal(all.pending, 1);
  assert.equal(all.rev, 2);
});

test("what the server takes for granted is filled in", () => {
  const view = one({ outbox: [row({ body: { unit_id: "u", meeting_date: "2026-11-18" } })] });
  assert.deepEqual(
    [view.status, view.format, view.theme, view.households_total],
    ["held", "regular", "", null],
  );
  const summary = one({
    records: [record({ body: undefined, revisions: undefined, reviews: undefined, households_total: 29 })],
  });
  assert.deepEqual([summary.body, summary.households_total, summary.households_present], [null, 29, 27]);
  assert.deepEqual(summary.revisions, []);
});

test("a group has the households that were counted last before the meeting", () => {
  const unit = {
    id: "u",
    type: "group",
    name: "Tổ 1",
    parent_id: null,
    mine: true,
    households: 31,
    households_as_of: "2026-11-01",
    earlier_counts: [
      { households: 29, households_as_of: "2026-01-01" },
      { households: 27, households_as_of: "2025-01-01" },
    ],
  };
  const on = (/** @type {string} */ day) => householdsOn(unit, day);
  assert.deepEqual([on("2026-11-18"), on("2026-11-01"), on("2026-10-31")], [31, 31, 29]);
  assert.deepEqual([on("2025-12-31"), on("2024-12-31")], [27, null]);
  assert.equal(householdsOn({ ...unit, earlier_counts: undefined }, "2026-10-31"), null);
  assert.equal(householdsOn({ ...unit, households: null }, "2026-11-18"), null);
  assert.equal(householdsOn(undefined, "2026-11-18"), null);
});

test("the receipt is that of the newest answered revision", () => {
  assert.equal(one({ records: [record()] }).receipt, "REC");
  const view = one({ records: [record()], sent: [sent(), sent({ rev: 2, receipt: "SECOND" })] });
  assert.equal(view.receipt, "SECOND");
  assert.equal(view.rev, 2);
  assert.equal(view.where, "sent");
  assert.deepEqual(
    view.revisions.map(({ rev }) => rev),
    [1, 2],
  );
});

test("remarks show until the correction is saved, and not after", () => {
  const back = record({ state: "returned", reviews: [returned] });
  const draft = {
    id: "m",
    kind: /** @type {const} */ ("meeting"),
    unit_id: "u",
    base_rev: 1,
    updated_at: "",
    body: body(),
  };
  assert.equal(one({ records: [back] }).where, "returned");
  assert.equal(one({ records: [back] }).remarks[0]?.field, "households_present");
  assert.equal(one({ records: [back], drafts: [draft] }).remarks.length, 1, "seen while correcting");
  assert.deepEqual(one({ records: [back], outbox: [row({ rev: 2 })] }).remarks, []);
  assert.deepEqual(one({ records: [back], sent: [sent({ rev: 2 })] }).remarks, []);
  assert.deepEqual(
    one({ records: [record({ rev: 2, reviews: [returned] })] }).remarks,
    [],
    "an older revision's",
  );
});

test("only the remarks on the newest revision count", () => {
  const newest = { ...returned, id: "r2", rev: 2, remarks: [{ field: "summary", text: "Viết rõ hơn." }] };
  const view = one({ records: [record({ rev: 2, state: "returned", reviews: [newest, returned] })] });
  assert.deepEqual(
    view.remarks.map(({ field }) => field),
    ["summary"],
  );
});

test("a refusal stands until something later was taken or waits", () => {
  const refused = sent({
    rev: 2,
    base_rev: 1,
    outcome: "quarantined",
    code: "invalid",
    message: "Chọn lý do.",
    body: body({ place: "giữ" }),
  });
  const view = one({ records: [record()], sent: [refused] });
  assert.equal(view.where, "quarantined");
  assert.deepEqual([view.held?.state, view.held?.message, view.held?.here], ["waiting", "Chọn lý do.", true]);
  assert.equal(view.body?.place, "giữ", "what was typed is still there to mend");
  assert.equal(view.rev, 1, "the correction builds on what the server has");
  assert.equal(view.receipt, "REC");
  assert.equal(one({ records: [record()], sent: [refused], outbox: [row({ rev: 2 })] }).where, "waiting");
  assert.equal(one({ records: [record()], sent: [refused, sent({ rev: 2 })] }).where, "sent");
  assert.equal(one({ records: [record({ rev: 2 })], sent: [refused] }).where, "submitted");
});

test("a second version asks to be decided until a later revision decides", () => {
  const second = sent({ rev: 2, outcome: "parallel", body: body({ place: "bản hai" }) });
  const told = one({ records: [record()], sent: [second] });
  assert.equal(told.where, "parallel");
  const undecidedOf = (/** @type {Gandan.View} */ view) => view.revisions.filter((one) => one.undecided);
  assert.equal(told.settled, false, "what stands has not come back yet");
  assert.equal(undecidedOf(told)[0]?.body?.place, "bản hai");
  // Its number says nothing: it was made on revision 1 when 5 already stood.
  const revisions = [1, 2, 3, 4, 5].map((rev) => ({ op_id: `r${rev}`, rev, made_at: "" }));
  const late = { op_id: second.op_id, rev: 2, made_at: "", parallel: true };
  assert.equal(one({ records: [record({ rev: 5, revisions })], sent: [second] }).where, "parallel");
  const undecided = one({ records: [record({ rev: 5, revisions: [...revisions, late] })], sent: [second] });
  assert.equal(undecided.where, "parallel");
  assert.equal(undecided.rev, 5, "the decision builds on what stands");
  assert.equal(undecided.settled, true);
  assert.deepEqual(
    undecided.revisions
      .filter((one) => one.standing || one.undecided)
      .map(({ op_id, body }) => [op_id, body?.place]),
    [
      ["r5", undefined],
      [second.op_id, "bản hai"],
    ],
  );
  assert.equal(undecided.revisions.length, 6);
  const decided = record({ rev: 6, revisions: [...revisions, late, { op_id: "r6", rev: 6, made_at: "" }] });
  assert.equal(one({ records: [decided], sent: [second] }).where, "submitted");
  assert.deepEqual(undecidedOf(one({ records: [decided], sent: [second] })), []);
  const waits = one({
    records: [record({ rev: 5, revisions: [...revisions, late] })],
    outbox: [row({ rev: 6 })],
  });
  assert.equal(waits.where, "waiting");
});

test("a withdrawal shows the entry, not the reason", () => {
  const waiting = one({
    records: [record()],
    outbox: [row({ kind: "meeting.withdraw", rev: 2, body: { reason: "nhầm" } })],
  });
  assert.deepEqual([waiting.where, waiting.withdrawing, waiting.households_present], ["waiting", true, 27]);
  const done = one({
    records: [record()],
    sent: [sent({ kind: "meeting.withdraw", rev: 2, body: { reason: "nhầm" } })],
  });
  assert.deepEqual([done.where, done.meeting_date], ["withdrawn", "2026-11-18"]);
  assert.equal(one({ records: [record({ state: "locked" })] }).where, "locked");
});

test("petitions are views of their own", () => {
  const outbox = [
    row(),
    row({
      record_id: "p",
      kind: "petition.save",
      body: { unit_id: "u", meeting_id: "m", title: "Đường", category: "roads" },
    }),
  ];
  assert.equal(entryViews({ outbox }).length, 1);
  const [petition] = petitionViews({ outbox });
  assert.deepEqual(
    [petition?.id, petition?.title, petition?.urgency, petition?.where],
    ["p", "Đường", "normal", "waiting"],
  );
});

test("newest meeting first", () => {
  const views = entryViews({
    records: [
      record({ id: "a", body: body({ meeting_date: "2026-09-01" }) }),
      record({ id: "b", body: body({ meeting_date: "2026-10-01" }) }),
    ],
    outbox: [row({ record_id: "c" })],
  });
  assert.deepEqual(
    views.map(({ id }) => id),
    ["c", "b", "a"],
  );
});

test("a month's state is that of its most pressing entry", () => {
  const state = (/** @type {any[]} */ ...records) =>
    monthState(
      "u",
      "2026-11",
      entryViews({ records: records.map((more, n) => record({ id: `m${n}`, ...more })) }),
      TODAY,
    );
  assert.equal(state(), "due");
  assert.equal(state({}), "held");
  assert.equal(state({ body: body({ status: "not_held" }) }), "not_held");
  assert.equal(state({ body: body({ status: "not_held" }) }, {}), "held");
  assert.equal(state({ state: "accepted" }), "accepted");
  assert.equal(state({ state: "accepted" }, { state: "returned" }), "returned");
  assert.equal(state({ state: "withdrawn" }), "due");
  assert.equal(state({ state: "locked" }), "held");
  assert.equal(monthState("u", "2026-11", entryViews({ outbox: [row()] }), TODAY), "waiting");
  assert.equal(monthState("other", "2026-11", entryViews({ outbox: [row()] }), TODAY), "due");
  assert.equal(monthState("u", "2026-10", [], TODAY), "missing");
  assert.equal(monthState("u", "2026-12", [], TODAY), "future");
});

test("a new entry starts from the last meeting that was held", () => {
  const at = (
    /** @type {string} */ id,
    /** @type {string} */ meeting_date,
    /** @type {object} */ more,
    state = "accepted",
  ) => record({ id, state, body: body({ meeting_date, ...more }) });
  const records = [
    at("1", "2026-08-18", { place: "Đình", start: "19:00", households_total: 28, theme: "không mang theo" }),
    at("2", "2026-09-18", { place: "Nhà văn hóa", start: "18:30", households_total: 29 }),
    at("3", "2026-10-18", { status: "not_held", place: "sai" }),
    at("4", "2026-10-19", { place: "sai" }, "withdrawn"),
  ];
  assert.deepEqual(defaultsFromLast("u", entryViews({ records })), {
    place: "Nhà văn hóa",
    start: "18:30",
    households_total: 29,
  });
  assert.deepEqual(
    defaultsFromLast("u", entryViews({ records: [record({ body: undefined, households_total: 31 })] })),
    { households_total: 31 },
  );
  assert.deepEqual(defaultsFromLast("none", entryViews({ records })), {});
});

test("what is held back is shown until the server says what became of it", () => {
  const after = (/** @type {object} */ more, /** @type {any[]} */ records = []) =>
    one({ records, sent: [refusal()], quarantine: [held(more)] });
  assert.deepEqual([after({}).where, after({}).rev], ["quarantined", 0]);
  const released = after({ state: "released" });
  assert.deepEqual([released.where, released.rev, released.held?.state], ["sent", 1, "released"]);
  assert.equal(after({ state: "released" }, [record()]).where, "submitted");
  const dismissed = after({ state: "dismissed", note: "Ghi nhầm tổ." });
  assert.deepEqual([dismissed.where, dismissed.held?.note], ["dismissed", "Ghi nhầm tổ."]);
  assert.equal(dismissed.body?.households_present, 27, "the author still has the words");
  assert.equal(monthState("u", "2026-11", [dismissed], TODAY), "due");
  const superseded = one({
    records: [record()],
    sent: [refusal(), sent({ received_at: "2026-11-20T00:00:00.000Z" })],
    quarantine: [held({ state: "superseded" })],
  });
  assert.deepEqual([superseded.where, superseded.held?.state], ["submitted", "superseded"]);
});

test("a refused correction is shown although another phone's took its number, and is never put over it", () => {
  const view = one({
    records: [record({ rev: 2 })],
    sent: [refusal({ rev: 2, base_rev: 1, body: body({ place: "giữ" }) })],
    quarantine: [held()],
  });
  assert.deepEqual([view.where, view.body?.place, view.rev], ["quarantined", "giữ", 1]);
});

test("what is remembered of a settled refusal outlives the server's list", () => {
  const view = one({ sent: [refusal({ fate: "dismissed" })] });
  assert.equal(view.where, "dismissed");
});

test("what another phone sent and the server holds back is said here too", () => {
  assert.deepEqual(
    [one({ records: [record()], quarantine: [held()] })].map(({ where, held: told }) => [where, told?.here]),
    [["quarantined", false]],
  );
  const later = sent({ rev: 2, received_at: "2026-11-20T00:00:00.000Z" });
  assert.equal(one({ records: [record()], sent: [later], quarantine: [held()] }).where, "sent");
  const back = { ...later, received_at: "2025-01-01T00:00:00.000Z" }; // by a server whose clock was set back
  assert.equal(one({ records: [record()], sent: [back], quarantine: [held()] }).where, "sent");
});

test("a form names what its author was asked about, and what is held back", () => {
  const second = { op_id: "o-2", rev: 2, made_at: "", parallel: true };
  const records = [record({ revisions: [{ op_id: "o-1", rev: 1, made_at: "" }, second] })];
  assert.deepEqual(one({ records }).settles, ["o-2"]);
  assert.deepEqual(one({ records, quarantine: [held({ op_id: "o-9" })] }).settles, ["o-2", "o-9"]);
  const refused = refusal({ rev: 2, base_rev: 1 });
  const quarantined = one({ records, sent: [refused], quarantine: [held({ op_id: "o-9" })] });
  assert.deepEqual(new Set(quarantined.settles), new Set([refused.op_id, "o-9"]), "nobody asked meanwhile");
  const choice = row({ rev: 3, base_rev: 2, settles: ["o-2"], form: "f" });
  assert.deepEqual(one({ records, outbox: [choice] }).settles, ["o-2"], "what was chosen stays so");
  assert.deepEqual(one({ records, outbox: [row({ rev: 3, base_rev: 2, form: "f" })] }).settles, []);
  const settled = [
    held({ op_id: "o-9", state: "superseded" }),
    held({ op_id: refused.op_id, state: "dismissed" }),
  ];
  assert.deepEqual(one({ records, sent: [refused], quarantine: settled }).settles, ["o-2"]);
});

test("a correction of what was refused names it: its number is this phone's own", () => {
  const refused = refusal({ rev: 2, base_rev: 1 });
  assert.deepEqual(one({ records: [record()], sent: [refused] }).seen, { op_id: refused.op_id });
});

test("of an entry of which only a summary is here no version is a question", () => {
  const { revisions: _, body: __, ...summary } = record({ rev: 3 });
  const second = sent({ rev: 2, base_rev: 1, outcome: "parallel" });
  assert.equal(one({ records: [summary], sent: [second] }).where, "submitted");
});

test("what is saved on a second version, before what stands has come, is put over nothing", () => {
  const second = sent({ rev: 3, base_rev: 1, outcome: "parallel" });
  assert.equal(one({ records: [record()], sent: [second] }).rev, 1);
});

test("of a petition that others work on no version is a question, and its answer is owed", () => {
  const versions = [
    { op_id: "o-1", rev: 1, made_at: "" },
    { op_id: "o-2", rev: 2, made_at: "", parallel: true },
  ];
  const told = (/** @type {string} */ state) =>
    petitionViews({ records: [record({ id: "p", kind: "petition", state, revisions: versions })] })[0]?.where;
  assert.deepEqual(["raised", "triaged", "resolved"].map(told), ["parallel", "triaged", "resolved"]);
});
