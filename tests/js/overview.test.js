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
import { entryViews } from "../../static/js/offline/records.js";
import { body, held, record, returned, TODAY } from "./support/rows.js";

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

test("what is held back of another phone's is a stray while nothing else is known of it", () => {
  assert.deepEqual(strays({ quarantine: [held()] }), [held()]);
  assert.deepEqual(strays({ records: [record()], quarantine: [held()] }), []);
  assert.deepEqual(strays({ quarantine: [held({ state: "released" })] }), []);
  assert.equal(strays({ quarantine: [held({ op_id: null, record_id: null })] }).length, 1);
});
