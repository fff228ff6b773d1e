import assert from "node:assert/strict";
import { test } from "node:test";
import {
  authorText,
  pastYear,
  sameMonth,
  strays,
  todayList,
  toMend,
} from "../../static/js/offline/overview.js";
import {
  defaultsFromLast,
  entryViews,
  householdsOn,
  monthState,
  petitionViews,
} from "../../static/js/offline/records.js";

const TODAY = "2026-11-22";
const body = (/** @type {object} */ more = {}) => ({
  unit_id: "u",
  meeting_date: "2026-11-18",
  households_present: 27,
  ...more,
});

/** @param {object} [more] @returns {Gandan.PulledRecord} */
const record = (more = {}) => ({
  id: "m",
  kind: "meeting",
  unit_id: "u",
  author_id: "o",
  author: { id: "o", name: "An" },
  rev: 1,
  state: "submitted",
  meeting_date: "2026-11-18",
  status: "held",
  households_present: 27,
  receipt: "REC",
  received_at: "2026-11-18T12:00:00.000Z",
  body: body(),
  revisions: [{ rev: 1, made_at: "2026-11-18T11:00:00.000Z", parallel: false }],
  reviews: [],
  ...more,
});
let seq = 0;
/** @param {object} [more] @returns {any} */
const row = (more = {}) => ({
  op_id: `op${++seq}`,
  record_id: "m",
  kind: "meeting.save",
  rev: 1,
  base_rev: 0,
  seq,
  made_at: "2026-11-18T11:00:00.000Z",
  body: body(),
  ...more,
});
/** @param {object} [more] @returns {any} */
const sent = (more = {}) => row({ outcome: "applied", receipt: "SENT", message: "Đã nhận.", ...more });
const returned = {
  id: "r1",
  rev: 1,
  decision: /** @type {const} */ ("returned"),
  text: "Xem lại.",
  by: "Mẫu",
  at: "2026-11-19T01:00:00.000Z",
  remarks: [{ field: "households_present", text: "Xem lại số hộ dự." }],
};
/** @param {import("../../static/js/offline/records.js").Rows} rows */
const one = (rows) => {
  const views = entryViews(rows);
  assert.equal(views.length, 1);
  return /** @type {Gandan.EntryView} */ (views[0]);
};

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

test("today: what came back, then what is due, then the rest; names as people count", () => {
  const unit = (/** @type {string} */ id, /** @type {string} */ name, mine = true) => ({
    id,
    name,
    mine,
    type: "group",
    parent_id: null,
  });
  const units = [
    unit("d", "Tổ 10"),
    unit("c", "Tổ 9"),
    unit("b", "Tổ 2"),
    unit("a", "Tổ 1"),
    unit("x", "Ấp 1", false),
    unit("e", "Tổ 11"),
  ];
  const views = entryViews({
    records: [
      record({ id: "1", unit_id: "a", body: body({ unit_id: "a" }) }),
      record({ id: "2", unit_id: "d", body: body({ unit_id: "d" }), state: "returned", reviews: [returned] }),
      record({
        id: "3",
        unit_id: "e",
        body: body({ unit_id: "e", meeting_date: "2026-10-20" }),
        state: "returned",
      }),
      record({ id: "4", unit_id: "e", body: body({ unit_id: "e" }) }),
    ],
  });
  const list = todayList(units, views, TODAY);
  assert.deepEqual(
    list.map(({ unit, state }) => [unit?.name, state]),
    [
      ["Tổ 2", "due"],
      ["Tổ 9", "due"],
      ["Tổ 1", "held"],
      ["Tổ 10", "returned"],
      ["Tổ 11", "held"],
    ],
  );
  const back = toMend(units, views, [], "o");
  assert.deepEqual(
    back.map(({ unit, month, entry }) => [unit?.name, month, entry?.id]),
    [
      ["Tổ 10", "2026-11", "2"],
      ["Tổ 11", "2026-10", "3"],
    ],
    "an earlier month's entry that came back is not hidden by this month's",
  );
});

test("what came back is asked of its author, of nobody else", () => {
  const units = ["mine", "theirs"].map((id) => ({
    id,
    name: id,
    mine: id === "mine",
    type: "group",
    parent_id: null,
  }));
  const back = (/** @type {string} */ id, /** @type {string} */ unit, /** @type {string} */ author) =>
    record({
      id,
      unit_id: unit,
      author_id: author,
      author: { id: author, name: author },
      state: "returned",
      body: body({ unit_id: unit }),
    });
  const records = [
    back("substitute", "theirs", "o"),
    back("another", "mine", "p"),
    back("gone", "nowhere", "o"),
    record({ id: "fine", unit_id: "mine", body: body({ unit_id: "mine" }) }),
    record({ id: "withdrawn", state: "withdrawn", body: body({ unit_id: "theirs" }) }),
  ];
  const views = entryViews({ records });
  const asked = (/** @type {string} */ me, /** @type {Gandan.PetitionView[]} */ petitions = []) =>
    toMend(units, views, petitions, me)
      .map(({ entry, state, unit }) => `${entry?.id} ${state} ${unit?.name}`)
      .sort();
  assert.deepEqual(asked("o"), ["gone returned undefined", "substitute returned theirs"]);
  assert.deepEqual(asked("p"), ["another returned mine"]);
  assert.deepEqual(asked("q"), []);
  const [item] = todayList([units[0] ?? assert.fail()], views, TODAY);
  assert.deepEqual(
    [item?.state, item?.entry?.id],
    ["returned", "another"],
    "the group's page tells it all the same",
  );

  const petition = (/** @type {string} */ meeting_id, /** @type {Gandan.Where} */ where) =>
    /** @type {Gandan.PetitionView} */ ({ meeting_id, where });
  assert.deepEqual(
    asked("o", [
      petition("fine", "quarantined"),
      petition("withdrawn", "quarantined"),
      petition("fine", "raised"),
    ]),
    ["fine quarantined mine", "gone returned undefined", "substitute returned theirs"],
    "an entry of whose petitions one is held back",
  );
  const drafts = ["mine", "theirs"].map((unit_id) => ({
    id: unit_id,
    kind: /** @type {const} */ ("meeting"),
    unit_id,
    base_rev: 0,
    updated_at: "",
    body: body({ unit_id }),
  }));
  assert.deepEqual(
    toMend(units, entryViews({ drafts }), [], "o").map(({ entry, state }) => [entry?.id, state]),
    [["theirs", "draft"]],
    "half written for another's group: it stands in no other list",
  );
});

test("what was handed over is asked of whom it was handed to, and says who wrote it", () => {
  const units = [{ id: "u", name: "u", mine: true, type: "group", parent_id: null }];
  const keeper = { id: "new", name: "Bình" };
  const revisions = [
    { op_id: "1", rev: 1, made_at: "2026-11-18T11:00:00.000Z" },
    { op_id: "2", rev: 2, made_at: "2026-11-20T11:00:00.000Z", author: keeper },
    { op_id: "3", rev: 2, made_at: "2026-11-20T12:00:00.000Z", parallel: true, body: body({ theme: "kia" }) },
  ];
  const views = entryViews({ records: [record({ state: "returned", keeper, rev: 2, revisions })] });
  const asked = (/** @type {string} */ me) => toMend(units, views, [], me).length;
  assert.deepEqual([asked("o"), asked("new"), asked("another")], [0, 1, 0]);
  const [view = assert.fail()] = views;
  assert.deepEqual(
    ["o", "new", "another"].map((me) => authorText(view, me)),
    ["Đã bàn giao cho Bình", "Nhận bàn giao từ An", "Người ghi: An · Đã bàn giao cho Bình"],
  );
  assert.deepEqual(
    view.revisions.map((one) => [one.author?.name, one.body?.theme]),
    [
      [undefined, undefined],
      ["Bình", undefined],
      [undefined, "kia"],
    ],
  );
});

test("the past year has twelve months, over the turn of the year", () => {
  const year = pastYear(
    "u",
    entryViews({ records: [record({ body: body({ meeting_date: "2025-12-31" }) })] }),
    "2026-11-22",
  );
  assert.equal(year.length, 12);
  assert.deepEqual([year[0]?.month, year[0]?.state], ["2025-12", "held"]);
  assert.deepEqual([year[11]?.month, year[11]?.state], ["2026-11", "due"]);
  assert.equal(pastYear("u", [], "2026-01-31")[0]?.month, "2025-02");
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

/** @param {object} [more] @returns {Gandan.Held} */
const held = (more = {}) => ({
  op_id: "held",
  record_id: "m",
  receipt: "Q",
  code: "not_authorised",
  message: "Chưa được phân công.",
  received_at: "2026-11-19T00:00:00.000Z",
  state: "waiting",
  note: "",
  ...more,
});
const refusal = (/** @type {object} */ more = {}) =>
  sent({
    op_id: "held",
    outcome: "quarantined",
    code: "not_authorised",
    received_at: "2026-11-19T00:00:00.000Z",
    ...more,
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
  assert.deepEqual(strays({ quarantine: [held()] }), [held()]);
  assert.deepEqual(strays({ records: [record()], quarantine: [held()] }), []);
  assert.deepEqual(strays({ quarantine: [held({ state: "released" })] }), []);
  assert.equal(strays({ quarantine: [held({ op_id: null, record_id: null })] }).length, 1);
});

test("two entries of one group and month are both shown, and each knows of the other", () => {
  const views = entryViews({
    records: [
      record({ id: "1", author: { id: "o", name: "An" } }),
      record({ id: "2", author: { id: "p", name: "Bình" }, body: body({ meeting_date: "2026-11-25" }) }),
      record({ id: "3", state: "withdrawn" }),
      record({ id: "4", body: body({ meeting_date: "2026-10-18" }) }),
      record({ id: "5", body: body({ unit_id: "other" }) }),
    ],
    drafts: [{ id: "6", kind: "meeting", unit_id: "u", base_rev: 0, updated_at: "", body: body() }],
  });
  const of = (/** @type {string} */ unit, /** @type {string} */ month) =>
    sameMonth(unit, month, views).map((one) => one.id);
  assert.deepEqual(of("u", "2026-11"), ["1", "2"]);
  assert.deepEqual([of("u", "2026-10"), of("other", "2026-11"), of("u", "")], [[], [], []]);
  const unit = { id: "u", name: "Tổ 1", mine: true, type: "group", parent_id: null };
  assert.deepEqual(
    todayList([unit], views, TODAY)[0]?.twins.map(({ id }) => id),
    ["1", "2"],
  );
});
