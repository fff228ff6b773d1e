import assert from "node:assert/strict";
import { test } from "node:test";
import { choiceOf } from "../../static/js/forms/choice.js";
import { uuid7 } from "../../static/js/offline/ids.js";
import {
  acknowledge,
  dropDraft,
  entriesIn,
  freeze,
  saveAll,
  saveDraft,
  trimSent,
  unacknowledged,
} from "../../static/js/offline/outbox.js";
import { createPhone, START } from "./support/phone.js";

const sign = async () => "mac";
const DAY = 86_400_000;

/** @param {Gandan.Store} store */
async function freezeAll(store) {
  return freeze(store, (await unacknowledged(store)).rows, { device: "device-1", sign });
}

test("what waits is counted as a person counts: a petition is part of its meeting's entry", () => {
  const meeting = (/** @type {string} */ record_id) => ({ record_id });
  const petition = (/** @type {string} */ record_id, /** @type {string} */ entry) => ({ record_id, entry });
  assert.equal(entriesIn([]), 0);
  for (const [rows, n] of /** @type {[{record_id: string, entry?: string}[], number][]} */ ([
    [[meeting("m")], 1],
    [[meeting("m"), meeting("m")], 1],
    [[meeting("m"), petition("p", "m"), petition("q", "m")], 1],
    [[petition("p", "m"), petition("q", "m")], 1],
    [[meeting("m"), petition("p", "m"), petition("q", "n"), meeting("o")], 3],
    [[petition("p", "m"), meeting("p")], 2],
    [[meeting("alone, from before petitions said whose they are")], 1],
  ]))
    assert.equal(entriesIn(rows), n, JSON.stringify(rows));
});

test("nothing waits if and only if every row was answered for, whatever order they are answered in", async (t) => {
  const phone = await createPhone(t);
  const id = uuid7();
  const rows = await saveAll(phone.store, [
    { kind: "meeting.save", id, base_rev: 0, body: {} },
    { kind: "petition.save", id: uuid7(), entry: id, base_rev: 0, body: {} },
    { kind: "petition.withdraw", id: uuid7(), entry: id, base_rev: 1, body: {} },
  ]);
  await freezeAll(phone.store);
  assert.equal((await phone.sync.refresh()).unsent, 1);
  for (const [place, { op_id }] of rows.entries()) {
    assert.equal(entriesIn((await unacknowledged(phone.store)).rows), 1, `${place} answered`);
    await acknowledge(phone.store, [
      { op_id, outcome: "applied", code: "applied", message: "", receipt: `R${place}` },
    ]);
  }
  assert.equal(entriesIn((await unacknowledged(phone.store)).rows), 0);
  assert.equal(await phone.store.count("outbox"), 0);
});

test("a meeting and its petitions are saved together, and the draft goes with them", async (t) => {
  const { store } = await createPhone(t);
  const id = uuid7();
  await saveDraft(store, {
    id,
    kind: "meeting",
    unit_id: "u",
    base_rev: 0,
    updated_at: "2026-11-22",
    body: { place: "x" },
  });
  const rows = await saveAll(
    store,
    [
      { kind: "petition.save", id: uuid7(), base_rev: 0, body: { title: "Đường hỏng" } },
      { kind: "meeting.save", id, base_rev: 0, body: { place: "x" } },
    ],
    { draft: { id } },
  );
  assert.deepEqual(
    rows.map(({ seq, rev, kind }) => [seq, rev, kind]),
    [
      [1, 1, "petition.save"],
      [2, 1, "meeting.save"],
    ],
  );
  assert.equal(await store.count("drafts"), 0);
  assert.equal((await unacknowledged(store)).count, 2);
});

test("all or none: a save that fails halfway keeps the draft and writes no row", async (t) => {
  const { store } = await createPhone(t);
  await saveDraft(store, { id: "d", kind: "meeting", unit_id: "u", base_rev: 0, updated_at: "", body: {} });
  const two = [
    { kind: /** @type {const} */ ("meeting.save"), id: "a", base_rev: 0, body: {} },
    { kind: /** @type {const} */ ("meeting.save"), id: "b", base_rev: 0, body: {} },
  ];
  let minted = 0;
  const mint = () => (minted++ ? /** @type {any} */ (true) : "op-1"); // `true` is no key: the second put fails
  await assert.rejects(saveAll(store, two, { draft: { id: "d" }, mint }));
  assert.equal((await unacknowledged(store)).count, 0);
  assert.equal(await store.count("drafts"), 1);
  assert.equal(await store.meta("device_seq"), undefined);
});

test("until its first attempt a record keeps one operation, with the newest words", async (t) => {
  const { store } = await createPhone(t);
  const [first] = await saveAll(store, [
    { kind: "meeting.save", id: "m", base_rev: 0, body: { place: "cũ" } },
  ]);
  const [second] = await saveAll(store, [
    { kind: "meeting.save", id: "m", base_rev: 1, body: { place: "mới" } },
  ]);
  const { count, rows } = await unacknowledged(store);
  assert.equal(count, 1);
  assert.equal(second?.op_id, first?.op_id);
  assert.deepEqual(
    [rows[0]?.rev, rows[0]?.base_rev, rows[0]?.seq, rows[0]?.body],
    [1, 0, 1, { place: "mới" }],
  );
});

test("a frozen text never changes; the next save is a new operation on top of it", async (t) => {
  const { store } = await createPhone(t);
  await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 0, body: { place: "cũ" } }]);
  const [frozen] = await freezeAll(store);
  await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 0, body: { place: "mới" } }]);
  const again = await freezeAll(store);
  assert.equal(again[0]?.text, frozen?.text);
  assert.equal(JSON.parse(frozen?.text ?? "").body.place, "cũ");
  assert.deepEqual([again[1]?.rev, again[1]?.base_rev, again[1]?.seq], [2, 1, 2]);
});

test("what is saved on top of something unanswered names it; what was decided between versions names nothing", async (t) => {
  const { store } = await createPhone(t);
  const save = (/** @type {Partial<Gandan.Operation>} */ said) =>
    saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 1, body: {}, ...said }]);
  const based = async () => (await freezeAll(store)).map(({ text }) => JSON.parse(text ?? "").base_op);
  const [first] = await save({});
  assert.deepEqual(await based(), [undefined]);
  const seen = { op_id: first?.op_id ?? "" };
  const [second] = await save({ base_rev: 2, seen });
  await save({ base_rev: 2, seen, body: { place: "sửa thêm" } });
  assert.deepEqual(await based(), [undefined, first?.op_id]);
  const receipt = "R";
  const answer = { code: "parallel", message: "", receipt, received_at: "" };
  for (const { op_id } of [first, second].filter((row) => !!row))
    await acknowledge(store, [{ op_id, outcome: "parallel", ...answer }]);
  await save({ base_rev: 2 });
  assert.deepEqual(await based(), [undefined]);
  assert.deepEqual(
    (await unacknowledged(store)).rows.map(({ rev, base_rev }) => [rev, base_rev]),
    [[3, 2]],
  );
});

test("a form that is open while its version is answered still names it", async (t) => {
  const { store } = await createPhone(t);
  const [first] = await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 1, body: {} }]);
  const seen = { op_id: first?.op_id ?? "" };
  await freezeAll(store);
  await acknowledge(store, [
    { ...seen, outcome: "quarantined", code: "invalid", message: "", receipt: "R", received_at: "" },
  ]);
  const [row] = await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 2, seen, body: {} }]);
  assert.deepEqual([row?.base_rev, row?.base_op], [2, seen.op_id]);
});

test("a save on an older revision is a second version, not a replacement", async (t) => {
  const { store } = await createPhone(t);
  await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 4, body: { place: "bốn" } }]);
  await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 2, body: { place: "hai" } }]);
  const { rows } = await unacknowledged(store);
  assert.deepEqual(
    rows.map(({ rev, base_rev }) => [rev, base_rev]),
    [
      [5, 4],
      [3, 2],
    ],
  );
});

test("a withdrawal does not swallow the save that waits", async (t) => {
  const { store } = await createPhone(t);
  await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 0, body: { place: "x" } }]);
  await saveAll(store, [{ kind: "meeting.withdraw", id: "m", base_rev: 1, body: { reason: "nhầm tổ" } }]);
  const { rows } = await unacknowledged(store);
  assert.deepEqual(
    rows.map(({ kind, rev }) => [kind, rev]),
    [
      ["meeting.save", 1],
      ["meeting.withdraw", 2],
    ],
  );
});

test("device_seq is never used twice, also when rows have left", async (t) => {
  const { store } = await createPhone(t);
  for (const id of ["a", "b"]) await saveAll(store, [{ kind: "meeting.save", id, base_rev: 0, body: {} }]);
  const { rows } = await unacknowledged(store);
  await acknowledge(
    store,
    rows.map(({ op_id }) => ({ op_id, outcome: "applied", code: "applied", message: "", receipt: "R" })),
  );
  const [row] = await saveAll(store, [{ kind: "meeting.save", id: "c", base_rev: 0, body: {} }]);
  assert.equal(row?.seq, 3);
});

test("text is kept in NFC, also after a line break", async (t) => {
  const { store } = await createPhone(t);
  const body = { summary: "Nguye\u0302\u0303n\n\u0303a", list: [{ text: "e\u0301" }] };
  const [row] = await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 0, body }]);
  assert.deepEqual(row?.body, { summary: "Nguyễn\n\u0303a", list: [{ text: "é" }] });
});

test("acknowledging twice, or something unknown, does no harm", async (t) => {
  const { store } = await createPhone(t);
  const [row] = await saveAll(store, [{ kind: "meeting.save", id: "m", base_rev: 0, body: {} }]);
  const outcome = {
    op_id: row?.op_id ?? "",
    outcome: /** @type {const} */ ("applied"),
    code: "applied",
    message: "",
    receipt: "R1",
  };
  assert.deepEqual(await acknowledge(store, [outcome]), [row?.op_id]);
  assert.deepEqual(await acknowledge(store, [{ ...outcome, receipt: "R2" }]), []);
  assert.deepEqual(await acknowledge(store, [{ ...outcome, op_id: "unknown" }]), []);
  assert.equal((await store.all("sent"))[0].receipt, "R1");
});

test("receipts go after 60 days, never before their record has come back", async (t) => {
  const { store } = await createPhone(t);
  for (const id of ["back", "older", "absent"]) {
    await saveAll(store, [{ kind: "meeting.save", id, base_rev: 1, body: {} }]);
  }
  const { rows } = await unacknowledged(store);
  await acknowledge(
    store,
    rows.map(({ op_id }) => ({ op_id, outcome: "applied", code: "applied", message: "", receipt: "R" })),
    { now: () => START },
  );
  await store.put("records", { id: "back", rev: 2 }, { id: "older", rev: 1 });
  await trimSent(store, START + 59 * DAY);
  assert.equal(await store.count("sent"), 3);
  await trimSent(store, START + 61 * DAY);
  assert.deepEqual((await store.all("sent")).map(({ record_id }) => record_id).sort(), ["absent", "older"]);
});

test("the words of a second version stay until its author has chosen, however long that takes", async (t) => {
  const { store } = await createPhone(t);
  const acknowledged_at = new Date(START - 61 * DAY).toISOString();
  for (const [id, later] of /** @type {[string, {op_id: string, rev: number, parallel: boolean}[]][]} */ ([
    ["asked", []],
    ["chosen", [{ op_id: "decision", rev: 3, parallel: false }]],
  ])) {
    const row = { record_id: id, kind: "meeting.save", rev: 2, base_rev: 1, outcome: "parallel", body: {} };
    await store.put("sent", { ...row, op_id: `mine ${id}`, seq: 1, acknowledged_at });
    const revisions = [
      { op_id: "standing", rev: 2, parallel: false },
      { op_id: `mine ${id}`, rev: 2, parallel: true },
      ...later,
    ];
    await store.put("records", { id, kind: "meeting", rev: revisions.at(-1)?.rev, revisions });
  }
  await trimSent(store, START);
  assert.deepEqual(
    (await store.all("sent")).map(({ op_id }) => op_id),
    ["mine asked"],
  );
});

test("a draft is kept and dropped", async (t) => {
  const { store } = await createPhone(t);
  await saveDraft(store, {
    id: "d",
    kind: "meeting",
    unit_id: "u",
    base_rev: 0,
    updated_at: "",
    body: { place: "e\u0301" },
  });
  assert.equal((await store.get("drafts", "d")).body.place, "é");
  await dropDraft(store, { id: "d" });
  assert.equal(await store.get("drafts", "d"), undefined);
});

test("what builds on a second version is a second version too", async (t) => {
  const phone = await createPhone(t);
  const first = await phone.save({ base_rev: 1 });
  await freezeAll(phone.store);
  await phone.save({ id: first.record_id, base_rev: 2 });
  const receipt = { outcome: /** @type {const} */ ("parallel"), code: "parallel", message: "", receipt: "R" };
  await acknowledge(phone.store, [{ op_id: first.op_id, ...receipt }]);
  const { rows } = await unacknowledged(phone.store);
  assert.deepEqual(
    rows.map(({ base_rev, rev }) => [base_rev, rev]),
    [[1, 2]],
  );
});

test("a settled refusal is forgotten like any receipt, one that waits is not", async (t) => {
  const phone = await createPhone(t);
  const row = { record_id: "r", kind: "meeting.save", rev: 1, base_rev: 0, outcome: "quarantined", body: {} };
  const acknowledged_at = new Date(START - 61 * DAY).toISOString();
  await phone.store.put(
    "sent",
    { ...row, op_id: "waits", seq: 1, acknowledged_at },
    { ...row, op_id: "settled", seq: 2, acknowledged_at, fate: "dismissed" },
  );
  await trimSent(phone.store, START);
  assert.deepEqual(
    (await phone.store.all("sent")).map(({ op_id }) => op_id),
    ["waits"],
  );
});

/** @param {Gandan.Store} store */
const waiting = async (store) =>
  (await unacknowledged(store)).rows.map(({ rev, base_rev, body }) => [rev, base_rev, body.place]);
const kind = /** @type {const} */ ("meeting.save");

test("two windows with the same form: what one has saved is never overwritten by the other", async (t) => {
  const { store } = await createPhone(t);
  const save = (/** @type {string} */ form, /** @type {string} */ place, base_rev = 0, seen = undefined) =>
    saveAll(store, [{ kind, id: "m", base_rev, body: { place }, form, seen }]);
  await save("a", "một");
  await save("a", "một, sửa lại");
  assert.deepEqual(await waiting(store), [[1, 0, "một, sửa lại"]], "the same form saved again");
  await save("b", "hai");
  const both = [
    [1, 0, "một, sửa lại"],
    [1, 0, "hai"],
  ];
  assert.deepEqual(await waiting(store), both, "the server keeps both, and the author is asked");
  await freezeAll(store);
  await save("c", "ba");
  assert.deepEqual(await waiting(store), [...both, [1, 0, "ba"]]);
});

test("what waits is opened in two windows: the second to save knows only what it has seen", async (t) => {
  const { store } = await createPhone(t);
  const [first] = await saveAll(store, [{ kind, id: "m", base_rev: 0, body: { place: "cũ" }, form: "a" }]);
  const seen = { op_id: first?.op_id ?? "", form: first?.form };
  await saveAll(store, [{ kind, id: "m", base_rev: 1, body: { place: "hai" }, form: "b", seen }]);
  assert.deepEqual(await waiting(store), [[1, 0, "hai"]], "opened again");
  await saveAll(store, [{ kind, id: "m", base_rev: 1, body: { place: "ba" }, form: "c", seen }]);
  assert.deepEqual(await waiting(store), [
    [1, 0, "hai"],
    [1, 0, "ba"],
  ]);
});

test("a version chosen on a page that is out of date goes over nothing that another window has saved", async (t) => {
  const { store } = await createPhone(t);
  const view = /** @type {any} */ ({ id: "m", rev: 2 });
  await saveAll(store, [{ kind, id: "m", base_rev: 2, body: { place: "sửa" }, form: "b" }]);
  const choose = () =>
    saveAll(store, [choiceOf("meeting", "m", view, { body: { place: "chọn" }, withdrawal: false })]);
  await choose();
  await choose(); // tapped twice
  assert.deepEqual(await waiting(store), [
    [3, 2, "sửa"],
    [3, 2, "chọn"],
  ]);
});

test("a form that is open while its version turns out to be a second one is a second version too", async (t) => {
  const { store } = await createPhone(t);
  const [first] = await saveAll(store, [{ kind, id: "m", base_rev: 1, body: { place: "cũ" }, form: "a" }]);
  const seen = { op_id: first?.op_id ?? "", form: "a" };
  await freezeAll(store);
  await acknowledge(store, [
    { op_id: seen.op_id, outcome: "parallel", code: "parallel", message: "", receipt: "R" },
  ]);
  await saveAll(store, [{ kind, id: "m", base_rev: 2, body: { place: "mới" }, form: "b", seen }]);
  assert.deepEqual(await waiting(store), [[2, 1, "mới"]]);
  await saveAll(store, [{ kind, id: "n", base_rev: 2, body: { place: "đã chọn" }, form: "b" }]);
  assert.deepEqual((await waiting(store)).at(-1), [3, 2, "đã chọn"], "an answer to the question stands");
});

test("a save that is done again, for the disk said it was lost, never changes what was sent meanwhile", async (t) => {
  const { store } = await createPhone(t);
  const mint = () => "op-1";
  const save = () => saveAll(store, [{ kind, id: "m", base_rev: 0, body: { place: "x" } }], { mint });
  await save();
  const [sent] = await freezeAll(store);
  const [again] = await save();
  assert.deepEqual([again?.op_id, again?.rev, again?.frozen], ["op-1", 1, true]);
  assert.equal((await freezeAll(store))[0]?.text, sent?.text);
});

test("words put in the place of others are not saved once more, for the disk said they were lost", async (t) => {
  const { store } = await createPhone(t);
  const save = (
    /** @type {Gandan.Store} */ into,
    /** @type {string} */ form,
    /** @type {object} */ more = {},
  ) => saveAll(into, [{ kind, id: "m", base_rev: 1, body: { place: form }, form, ...more }]);
  const [first] = await save(store, "a", { base_rev: 0 });
  const seen = { op_id: first?.op_id ?? "", form: "a" };
  /** The disk has it and says otherwise; until it is asked again, another window saves. @type {Gandan.Store} */
  const lying = {
    ...store,
    async write(names, work) {
      await store.write(names, work);
      await save(store, "c", { seen });
      return store.write(names, work);
    },
  };
  const [again] = await save(lying, "b", { seen });
  assert.equal(again?.op_id, first?.op_id);
  assert.deepEqual(await waiting(store), [
    [1, 0, "b"],
    [1, 0, "c"],
  ]);
});

test("what was opened while it waits on a second version is that version's, whatever number it bore then", async (t) => {
  const { store } = await createPhone(t);
  const on = { kind, id: "m" };
  const [first] = await saveAll(store, [{ ...on, base_rev: 1, body: { place: "cũ" }, form: "a" }]);
  await freezeAll(store);
  const op_id = first?.op_id ?? "";
  const [second] = await saveAll(store, [
    { ...on, base_rev: 2, body: { place: "giữa" }, form: "b", seen: { op_id, form: "a" } },
  ]);
  assert.equal(second?.rev, 3);
  await acknowledge(store, [{ op_id, outcome: "parallel", code: "parallel", message: "", receipt: "R" }]);
  const seen = { op_id: second?.op_id ?? "", form: "b" };
  await saveAll(store, [{ ...on, base_rev: 3, body: { place: "mới" }, form: "c", seen }]);
  assert.deepEqual(await waiting(store), [[2, 1, "mới"]]);
});

test("a save names the undecided versions its form knew of", async (t) => {
  const { store } = await createPhone(t);
  const on = { kind, id: "m", body: { place: "x" } };
  const textOf = async () => (await freezeAll(store)).map(({ text }) => JSON.parse(text ?? "").settles);
  await saveAll(store, [{ ...on, base_rev: 0, settles: [], form: "a" }]);
  assert.deepEqual(await textOf(), [[]]);
  const seen = { op_id: "o", form: "a" };
  await saveAll(store, [{ ...on, base_rev: 1, settles: ["s-1"], form: "b", seen }]);
  await saveAll(store, [{ ...on, base_rev: 1, settles: ["s-1", "s-2"], form: "b" }]);
  assert.deepEqual(await textOf(), [[], ["s-1", "s-2"]]);
});
