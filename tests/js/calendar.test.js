import assert from "node:assert/strict";
import { test } from "node:test";
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { dutiesOf, localOf, lunarOf, plannedIn } from "../../static/js/offline/calendar.js";
import { openStore } from "../../static/js/offline/database.js";
import { todayList } from "../../static/js/offline/overview.js";
import { applyPage } from "../../static/js/offline/pages.js";
import { entryViews, monthState } from "../../static/js/offline/records.js";
import { daysOf, dueState, monthAfter, windowOf } from "../../static/js/offline/windows.js";

/** @type {Gandan.Calendar} */
const CALENDAR = {
  // The leap sixth month of 2025, and the months around the examples of 2026, as the server tells them.
  lunar: [
    ["2025-06-25", 6],
    ["2025-07-25", 6, 1],
    ["2025-08-23", 7],
    ["2026-10-10", 9],
    ["2026-11-09", 10],
    ["2026-12-09", 11],
  ],
  windows: [
    { type: "committee", first: 7, last: 9 },
    { type: "branch", first: 10, last: 15 },
    { type: "group", first: 16, last: 25, months: ["2026-11"] },
    { type: "group", first: 29, last: 31, months: ["2026-12", "2027-02"] },
  ],
  duties: [
    { type: "group", count: 1, each: true, from: "2026-11-01", until: "2026-12-01" },
    { type: "branch", count: 1, each: false, from: "2026-11-01", until: "2026-12-01", done: 0, wanted: 1 },
    { type: "committee", count: 1, each: false, from: "2026-11-01", until: "2026-12-01", done: 1, wanted: 1 },
  ],
  plans: [
    {
      id: "p",
      type: "branch",
      unit_id: "h",
      at: "2026-11-24T10:30:00.000Z",
      minutes: 90,
      place: "Đình",
      me: true,
    },
    { id: "q", type: "committee", unit_id: "d", where: "Huyện", at: "2026-11-08T01:00:00.000Z", minutes: 60 },
  ],
};
/** @type {Gandan.Unit[]} */
const UNITS = [
  { id: "u", type: "group", name: "Tổ 1", parent_id: "h", mine: true },
  { id: "v", type: "group", name: "Tổ 2", parent_id: "h", mine: true },
  { id: "h", type: "hamlet", name: "Ấp", parent_id: null, mine: false },
];

/** @param {string} id @param {string} unit_id @param {string} meeting_date @param {object} [more] @param {string} [state] */
const record = (id, unit_id, meeting_date, more = {}, state = "submitted") => ({
  id,
  kind: /** @type {const} */ ("meeting"),
  unit_id,
  author_id: "o",
  author: { id: "o", name: "Mẫu" },
  rev: 1,
  state,
  meeting_date,
  body: { unit_id, meeting_date, ...more },
});

test("a lunar day is a difference to what the server told", () => {
  for (const [day, number, month, leap] of /** @type {[string, number, number, boolean][]} */ ([
    ["2025-07-24", 30, 6, false],
    ["2025-07-25", 1, 6, true],
    ["2025-08-22", 29, 6, true],
    ["2026-10-24", 15, 9, false],
    ["2026-11-16", 8, 10, false],
    ["2026-12-08", 30, 10, false],
  ]))
    assert.deepEqual(lunarOf(CALENDAR, day), { day: number, month, leap }, day);
  assert.equal(lunarOf(CALENDAR, "2025-06-24"), null, "before what was told");
  assert.equal(lunarOf(CALENDAR, "2027-03-01"), null, "after what was told");
  assert.equal(lunarOf(null, "2026-11-16"), null);
});

test("a window lies in its month, and belongs to its months and units", () => {
  assert.deepEqual(windowOf(CALENDAR, "u", "2026-11", "group"), { first: "2026-11-16", last: "2026-11-25" });
  assert.deepEqual(windowOf(CALENDAR, "u", "2027-02", "group"), { first: "2027-02-28", last: "2027-02-28" });
  assert.equal(windowOf(CALENDAR, "u", "2027-01", "group"), null);
  const ours = { ...CALENDAR, windows: [{ type: "group", first: 1, last: 5, units: ["v"] }] };
  assert.equal(windowOf(ours, "u", "2026-11", "group"), null);
  assert.ok(windowOf(ours, "v", "2026-11", "group"));
  assert.equal(windowOf(null, "u", "2026-11", "group"), null);
});

test("what is due follows the window; without one it is due all month", () => {
  for (const [day, state] of /** @type {const} */ ([
    ["2026-11-01", "future"],
    ["2026-11-15", "future"],
    ["2026-11-16", "due"],
    ["2026-11-25", "due"],
    ["2026-11-26", "overdue"],
    ["2026-12-28", "future"],
    ["2026-12-31", "due"],
  ])) {
    assert.equal(dueState(CALENDAR, "u", day), state, day);
    assert.equal(monthState("u", day.slice(0, 7), [], day, CALENDAR), state, day);
    assert.equal(monthState("u", day.slice(0, 7), [], day), "due", day);
  }
  assert.equal(monthState("u", "2026-10", [], "2026-11-26", CALENDAR), "missing");
  const entry = entryViews({ records: [record("a", "u", "2026-11-18")] });
  assert.equal(monthState("u", "2026-11", entry, "2026-11-26", CALENDAR), "held");
  assert.deepEqual(
    todayList(UNITS, entry, "2026-11-26", CALENDAR).map(({ state }) => state),
    ["overdue", "held"],
  );
});

test("months have their days and follow each other over the year", () => {
  assert.equal(daysOf("2028-02").length, 29);
  assert.equal(daysOf("2026-11").at(-1), "2026-11-30");
  assert.equal(monthAfter("2026-12", 1), "2027-01");
  assert.equal(monthAfter("2026-01", -1), "2025-12");
});

test("moments are those of Viet Nam, with a zone or without", () => {
  assert.equal(localOf("2026-11-18T18:00"), "2026-11-18T18:00");
  assert.equal(localOf("2026-11-18T17:30:00.000Z"), "2026-11-19T00:30");
  assert.equal(localOf("2026-11-18T18:00:00+07:00"), "2026-11-18T18:00");
});

test("the month holds plans and what each group agreed on last", () => {
  const views = entryViews({
    records: [
      record("a", "u", "2026-10-18", { next_meeting: "2026-11-20T18:00" }),
      record("b", "u", "2026-11-20", { next_meeting: "2026-11-24T18:00" }),
      record("c", "v", "2026-11-02", { status: "not_held", rescheduled_to: "2026-11-23T18:00" }),
    ],
  });
  const found = plannedIn(CALENDAR, UNITS, views, "2026-11");
  assert.deepEqual(
    found.map(({ id, at }) => [id, at]),
    [
      ["q", "2026-11-08T08:00"],
      ["c", "2026-11-23T18:00"],
      ["p", "2026-11-24T17:30"],
      ["b", "2026-11-24T18:00"],
    ],
  );
  assert.deepEqual(
    found.map(({ clashes }) => clashes.map(({ id }) => id)),
    [[], [], ["b"], ["p"]],
    "the branch and the group, which is hers; not the committee of others",
  );
  assert.equal(found[0]?.where, "Huyện");
  assert.deepEqual(plannedIn(null, UNITS, views, "2026-12"), []);
});

test("what was withdrawn or is half written agreed on nothing", () => {
  const draft = {
    id: "d",
    kind: /** @type {const} */ ("meeting"),
    unit_id: "v",
    base_rev: 0,
    updated_at: "",
    body: { unit_id: "v", meeting_date: "2026-11-19", next_meeting: "2026-11-28T18:00" },
  };
  const views = entryViews({
    records: [
      record("a", "u", "2026-10-18", { next_meeting: "2026-11-20T18:00" }),
      record("b", "u", "2026-11-19", { next_meeting: "2026-11-27T18:00" }, "withdrawn"),
    ],
    drafts: [draft],
  });
  const found = plannedIn({ ...CALENDAR, plans: [] }, UNITS, views, "2026-11");
  assert.deepEqual(
    found.map(({ id }) => id),
    ["a"],
  );
});

test("duties: of groups what this phone knows, of other meetings what the server said", () => {
  const none = dutiesOf(CALENDAR, UNITS, [], "2026-11-12");
  assert.deepEqual(
    none.map(({ type, done, wanted, state }) => [type, done, wanted, state]),
    [
      ["group", 0, 2, "future"],
      ["branch", 0, 1, "due"],
      ["committee", 1, 1, "met"],
    ],
  );
  const views = entryViews({
    records: [
      record("a", "u", "2026-11-16"),
      record("b", "u", "2026-11-17"),
      record("c", "v", "2026-10-31"),
      record("d", "v", "2026-12-01"),
    ],
  });
  const [groups, branch] = dutiesOf(CALENDAR, UNITS, views, "2026-11-26");
  assert.deepEqual(groups, { type: "group", done: 1, wanted: 2, state: "overdue" });
  assert.equal(branch?.state, "overdue");
  const both = [...views, ...entryViews({ records: [record("e", "v", "2026-11-30")] })];
  assert.equal(dutiesOf(CALENDAR, UNITS, both, "2026-11-26")[0]?.state, "met");
  assert.deepEqual(dutiesOf(null, UNITS, views, "2026-11-26"), []);
});

test("the calendar is kept whole until another comes, over a new start too", async () => {
  const store = await openStore("o", { indexedDB: new IDBFactory(), Channel: null });
  const kept = async () => (await store.get("meta", "calendar"))?.told;
  await applyPage(store, { cursor: "1", calendar: CALENDAR });
  assert.deepEqual(await kept(), CALENDAR);
  await applyPage(store, { cursor: "2", entries: [] });
  await applyPage(store, { cursor: "3", reset: true, scope: { units: UNITS } });
  assert.deepEqual(await kept(), CALENDAR);
  await applyPage(store, { cursor: "4", calendar: { ...CALENDAR, plans: [] } });
  assert.deepEqual((await kept()).plans, []);
  store.close();
});
