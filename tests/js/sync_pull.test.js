// Pulling, and checking what was pulled: the phone knows what the server tells it, and loses nothing of its own.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { unacknowledged } from "../../static/js/offline/outbox.js";
import { createPhone, ids } from "./support/phone.js";

/** What each pull asked for, by the name of a parameter. @param {any} phone @param {string} name @returns {(string | null)[]} */
const asked = (phone, name) =>
  phone.server.pulls.map((/** @type {any} */ { path }) => new URL(path, "http://x").searchParams.get(name));

test("pull goes on page by page and keeps the cursor with the page", async (t) => {
  const phone = await createPhone(t);
  const entry = (/** @type {string} */ id) => ({
    id,
    unit_id: "u",
    author: { id: "officer-1" },
    rev: 1,
    state: "accepted",
  });
  phone.server.pages = [
    { cursor: "one", more: true, entries: [entry("a")] },
    { cursor: "two", more: false, entries: [entry("b")], petitions: [{ ...entry("p"), state: "raised" }] },
  ];
  await phone.sync.run("open");
  assert.deepEqual(asked(phone, "since"), ["", "one"]);
  assert.deepEqual((await phone.store.all("records")).map(({ id, kind }) => [id, kind]).sort(), [
    ["a", "meeting"],
    ["b", "meeting"],
    ["p", "petition"],
  ]);
  assert.equal(await phone.store.meta("cursor"), "two");
});

test("a page pulled in another person's name is not kept", async (t) => {
  const phone = await createPhone(t);
  phone.server.pages = [
    { officer: "officer-2", entries: [{ id: "e", unit_id: "u", rev: 1, state: "submitted" }] },
  ];
  const state = await phone.sync.run("button");
  assert.equal(state.problem?.code, "wrong_person");
  assert.deepEqual(await phone.store.all("records"), []);
});

test("after a plain answer nothing is asked until it is time again", async (t) => {
  const phone = await createPhone(t);
  await phone.sync.run("open");
  await phone.save();
  await phone.sync.run("save");
  assert.equal(phone.server.pulls.length, 1);
  phone.time += 6 * 60_000;
  await phone.sync.run("timer");
  assert.equal(phone.server.pulls.length, 2);
});

/** @param {Gandan.Row} row @param {number} rev */
const toldOf = (row, rev = 1) => ({
  id: row.record_id,
  unit_id: "unit-1",
  author: { id: "officer-1" },
  rev,
  state: "returned",
  revisions: [{ op_id: row.op_id, rev }],
});

test("a body this phone sent is left out of the answer and taken from here", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save();
  await phone.sync.run("save");
  phone.server.pages = [{ cursor: "one", entries: [toldOf(row)] }];
  await phone.sync.run("button");
  assert.match(phone.server.pulls.at(-1)?.path ?? "", /own=0/);
  const [record] = await phone.store.all("records");
  assert.deepEqual(record.body, row.body);
  // A verdict comes without it too, also when the row that was sent is long forgotten.
  await phone.store.remove("sent", row.op_id);
  phone.server.pages = [{ cursor: "two", entries: [{ ...toldOf(row), state: "accepted" }] }];
  await phone.sync.run("button");
  assert.deepEqual(
    (await phone.store.all("records")).map(({ state, body }) => ({ state, body })),
    [{ state: "accepted", body: row.body }],
  );
});

test("of two revisions that were sent here the newer by number is told, also after a clock was set back", async (t) => {
  const phone = await createPhone(t);
  const first = await phone.save();
  await phone.sync.run("save");
  const second = await phone.save({
    id: first.record_id,
    base_rev: 1,
    body: { unit_id: "unit-1", place: "B" },
  });
  await phone.sync.run("save");
  const revisions = [second, first].map(({ op_id, rev }) => ({ op_id, rev }));
  phone.server.pages = [{ cursor: "one", entries: [{ ...toldOf(first, 2), revisions }] }];
  await phone.sync.run("button");
  assert.deepEqual((await phone.store.all("records"))[0].body, second.body);
});

test("a body that is left out and not here is asked for, and nothing is stored before", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save();
  await phone.sync.run("save");
  await phone.store.remove("sent", row.op_id);
  const told = toldOf(row, 2);
  phone.server.pages = [
    { cursor: "one", entries: [told] },
    { cursor: "one", entries: [{ ...told, body: row.body }] },
  ];
  const cursor = await phone.store.meta("cursor");
  const before = phone.server.pulls.length;
  await phone.sync.run("button");
  assert.deepEqual(asked(phone, "since").slice(before), [cursor, cursor]);
  assert.deepEqual(asked(phone, "own").slice(before), ["0", null]);
  assert.deepEqual((await phone.store.all("records"))[0].body, row.body);
});

test("a broken first download goes on where it stopped", async (t) => {
  const phone = await createPhone(t);
  phone.server.pages = [{ cursor: "one", more: true }];
  phone.server.faults.push(
    () => undefined,
    () => {
      throw new TypeError("Failed to fetch");
    },
  );
  await phone.sync.run("open");
  await phone.sync.run("open");
  assert.deepEqual(asked(phone, "since"), ["", "one", "one"]);
});

test("a reset drops what was pulled, never the outbox, the drafts or the receipts", async (t) => {
  const phone = await createPhone(t);
  phone.server.pages = [
    {
      cursor: "one",
      entries: [{ id: "old", unit_id: "u", author: { id: "officer-1" }, rev: 1, state: "accepted" }],
    },
  ];
  await phone.save();
  await phone.sync.run("open");
  phone.isOnline = false;
  const row = await phone.save();
  await phone.store.put("drafts", {
    id: "d",
    kind: "meeting",
    unit_id: "u",
    base_rev: 0,
    updated_at: "",
    body: {},
  });
  phone.isOnline = true;
  phone.server.verdicts.set(row.record_id, () => ({ outcome: "retry", code: "busy" }));
  phone.server.pages = [
    {
      cursor: "two",
      reset: true,
      entries: [{ id: "new", unit_id: "u", author: { id: "x" }, rev: 1, state: "accepted" }],
    },
  ];
  await phone.sync.run("button");
  assert.deepEqual(
    (await phone.store.all("records")).map(({ id }) => id),
    ["new"],
  );
  assert.deepEqual(ids((await unacknowledged(phone.store)).rows), [row.record_id]);
  assert.equal(await phone.store.count("drafts"), 1);
  assert.equal(await phone.store.count("sent"), 1);
});

test("a lost group takes its records along, but not this officer's own, nor anything unsent", async (t) => {
  const phone = await createPhone(t);
  const entry = (
    /** @type {string} */ id,
    /** @type {string} */ unit_id,
    /** @type {string} */ author,
    /** @type {string} */ keeper = "",
  ) => ({
    id,
    unit_id,
    author: { id: author },
    ...(keeper && { keeper: { id: keeper } }),
    rev: 1,
    state: "accepted",
  });
  const unit = (/** @type {string} */ id, /** @type {boolean} */ mine) => ({
    id,
    type: "group",
    name: id,
    parent_id: null,
    mine,
  });
  phone.server.pages = [
    {
      cursor: "one",
      scope: { units: [unit("u1", true), unit("u2", true)] },
      entries: [
        entry("a", "u1", "x"),
        entry("b", "u2", "x"),
        entry("c", "u2", "officer-1"),
        entry("handed to another", "u2", "officer-1", "x"),
        entry("handed to me", "u2", "x", "officer-1"),
      ],
    },
  ];
  await phone.sync.run("open");
  phone.isOnline = false;
  await phone.save({ body: { unit_id: "u2" } });
  phone.server.pages = [{ cursor: "two", scope: { units: [unit("u1", true), unit("u2", false)] } }];
  phone.isOnline = true;
  phone.server.always = ({ path }) =>
    path === "/sync/push" ? phone.server.refuse(413, "too_large") : undefined;
  await phone.sync.run("button");
  assert.deepEqual((await phone.store.all("records")).map(({ id }) => id).sort(), ["a", "c", "handed to me"]);
  assert.equal((await unacknowledged(phone.store)).count, 1);
  assert.equal((await phone.store.all("units")).length, 2);
});

test("gone takes the record and its receipts; a summary does not take the whole away", async (t) => {
  const phone = await createPhone(t);
  const whole = {
    id: "w",
    unit_id: "u",
    author: { id: "x" },
    rev: 1,
    state: "submitted",
    body: { place: "Đình" },
  };
  const { body, ...summary } = whole;
  phone.server.pages = [
    { cursor: "1", more: true, entries: [whole, { ...whole, id: "g" }] },
    { cursor: "2", more: true, entries: [{ ...summary, state: "accepted" }] },
    { cursor: "3", gone: ["g"] },
  ];
  await phone.sync.run("open");
  const records = await phone.store.all("records");
  assert.deepEqual(
    records.map(({ id }) => id),
    ["w"],
  );
  assert.deepEqual(records[0].body, body);
  assert.equal(records[0].state, "accepted");
});

const entryOf = (/** @type {string} */ id, /** @type {object} */ more = {}) => ({
  id,
  seq: 1,
  unit_id: "u",
  author: { id: "officer-1" },
  rev: 1,
  state: "accepted",
  meeting_date: "2026-11-02",
  ...more,
});

const digestOf = (/** @type {string} */ lines) => createHash("sha256").update(lines).digest("hex");

test("version 2 is asked for, and the seq of an entry is kept", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.pages = [{ entries: [entryOf("a", { seq: 4711 })] }];
  await phone.sync.run("open");
  assert.equal(phone.server.pushes[0]?.json.protocol, 2);
  assert.match(phone.server.pulls[0]?.path ?? "", /[?&]protocol=2(&|$)/);
  assert.equal((await phone.store.get("records", "a")).seq, 4711);
});

test("once a day the phone is checked; what agrees is left alone", async (t) => {
  const phone = await createPhone(t);
  const check = { since: "2026-11-01", count: 2, digest: digestOf("a:7\nb:3\n") };
  phone.server.pages = [
    {
      scope: { units: [{ id: "mine", mine: true }, { id: "not" }] },
      entries: [
        entryOf("b", { seq: 3, unit_id: "mine", author: { id: "other" } }),
        entryOf("a", { seq: 7, unit_id: "not" }),
        entryOf("old", { meeting_date: "2026-10-31" }),
      ],
      petitions: [{ ...entryOf("p"), state: "raised" }],
      check,
    },
  ];
  await phone.sync.run("open");
  assert.deepEqual(asked(phone, "check"), ["1"], "after a reset, which the first pull is");
  phone.time += 23 * 3_600_000;
  await phone.sync.run("open");
  phone.server.pages = [{ check }];
  phone.time += 2 * 3_600_000;
  await phone.sync.run("open");
  assert.deepEqual(asked(phone, "check"), ["1", null, "1"]);
  assert.equal(await phone.store.count("records"), 4);
  assert.deepEqual(
    (await phone.store.all("diary")).map(({ event, count }) => [event, count]),
    [["pulled", 4]],
  );
});

test("a phone that has drifted pulls anew, loses nothing of its own, and writes it down", async (t) => {
  const phone = await createPhone(t);
  phone.server.pages = [{ cursor: "one", entries: [entryOf("lost"), entryOf("kept")] }];
  await phone.save();
  await phone.sync.run("open");
  await phone.store.put("drafts", { id: "d", kind: "meeting", unit_id: "u", base_rev: 0, body: {} });
  const stuck = await phone.save();
  phone.server.verdicts.set(stuck.record_id, () => ({ outcome: "retry", code: "busy" }));
  phone.time += 2 * 86_400_000;
  const check = { since: "2026-11-01", count: 1, digest: digestOf("kept:1\n") };
  phone.server.pages = [
    { cursor: "two", check },
    { cursor: "two", check },
    { cursor: "three", reset: true, entries: [entryOf("kept")], check },
  ];
  await phone.sync.run("button");
  assert.deepEqual(asked(phone, "check").slice(1), ["1", "1", "1"]);
  assert.deepEqual(
    (await phone.store.all("records")).map(({ id }) => id),
    ["kept"],
  );
  assert.equal(await phone.store.meta("cursor"), "three");
  assert.deepEqual(ids((await unacknowledged(phone.store)).rows), [stuck.record_id]);
  assert.deepEqual([await phone.store.count("drafts"), await phone.store.count("sent")], [1, 1]);
  const drifted = (await phone.store.all("diary")).filter(({ event }) => event === "drifted");
  assert.deepEqual(
    drifted.map(({ here, there }) => [here, there]),
    [[2, 1]],
  );
});

test("petitions and flash reports are checked by when they were received; what changed meanwhile is no drift", async (t) => {
  const phone = await createPhone(t);
  const since = "2026-10-20T01:00:00.000Z";
  const received = (/** @type {string} */ id, /** @type {number} */ seq, received_at = since) => ({
    ...entryOf(id, { seq }),
    received_at,
  });
  const entries = { since: "2026-11-01", count: 0, digest: digestOf("") };
  const checkOf = (/** @type {string} */ lines, count = 2) => ({
    ...entries,
    others: { since, count, digest: digestOf(lines) },
  });
  const petitions = [received("p", 3), received("old", 1, "2026-10-20T00:59:59.999Z")];
  phone.server.pages = [
    { cursor: "one", petitions, flash_reports: [received("f", 4)], check: checkOf("f:4\np:5\n") },
    { cursor: "two", petitions: [received("p", 5)], check: checkOf("f:4\np:5\n") },
  ];
  await phone.sync.run("open");
  assert.equal(phone.server.pulls.length, 2);
  const drifted = async () => (await phone.store.all("diary")).filter(({ event }) => event === "drifted");
  assert.deepEqual(await drifted(), []);

  phone.time += 2 * 86_400_000;
  const check = checkOf("f:4\n", 1);
  phone.server.pages = [
    { cursor: "three", check },
    { cursor: "three", check },
    { cursor: "four", reset: true, flash_reports: [received("f", 4)], check },
  ];
  await phone.sync.run("button");
  assert.deepEqual(
    (await phone.store.all("records")).map(({ id }) => id),
    ["f"],
  );
  assert.deepEqual(
    (await drifted()).map(({ here, there }) => [here, there]),
    [[2, 1]],
  );
});

test("a difference that pulling does not mend is not pulled for ever", async (t) => {
  const phone = await createPhone(t);
  const check = { since: "2026-11-01", count: 9, digest: "never" };
  const entries = [entryOf("a")];
  phone.server.pages = [{ entries, check }, { check }, { entries, check }, { check }, { check }];
  await phone.sync.run("open");
  assert.equal(phone.server.pulls.length, 3);
  assert.equal(await phone.store.count("records"), 1);
});

test("when the network ends in the middle of starting anew, what was known is still there", async (t) => {
  const phone = await createPhone(t);
  phone.server.pages = [
    { entries: [entryOf("a")], check: { since: "2026-11-01", count: 0, digest: "other" } },
  ];
  phone.server.faults.push(
    () => undefined,
    () => {
      throw new TypeError("Failed to fetch");
    },
  );
  await phone.sync.run("open");
  assert.equal(await phone.store.count("records"), 1);
  phone.server.pages = [{ reset: true, entries: [entryOf("b")] }];
  await phone.sync.run("button");
  assert.deepEqual(
    (await phone.store.all("records")).map(({ id }) => id),
    ["b"],
  );
});

test("a reset in the middle is followed by a check in the same run", async (t) => {
  const phone = await createPhone(t);
  phone.server.pages = [{ cursor: "one", check: { since: "2026-11-01", count: 0, digest: digestOf("") } }];
  await phone.sync.run("open");
  phone.server.pages = [{ cursor: "two", reset: true, entries: [entryOf("n")] }];
  phone.time += 3_600_000;
  await phone.sync.run("open");
  assert.deepEqual(asked(phone, "check"), ["1", null, "1"]);
});

test("what the server holds back is kept whole, replaced as a whole, and emptied by a reset without it", async (t) => {
  const phone = await createPhone(t);
  const list = async () => (await phone.store.get("meta", "quarantine"))?.list;
  const held = { op_id: "o", record_id: "r", state: "waiting", note: "" };
  phone.server.pages = [{ cursor: "1", more: true, quarantine: [held] }, { cursor: "2" }];
  await phone.sync.run("open");
  assert.deepEqual(await list(), [held]);
  phone.server.pages = [{ cursor: "3", quarantine: [{ ...held, state: "dismissed", note: "Trùng." }] }];
  await phone.sync.run("button");
  assert.equal((await list())[0].note, "Trùng.");
  const older = { ...held, op_id: "older" };
  phone.server.pages = [
    { cursor: "4", more: true, quarantine: [held] },
    { cursor: "5", more: true, quarantine_rest: [older] },
    { cursor: "6", quarantine_rest: [{ ...older, op_id: "oldest" }] },
  ];
  await phone.sync.run("button");
  assert.deepEqual(
    (await list()).map((/** @type {Gandan.Held} */ one) => one.op_id),
    ["oldest", "older", "o"],
  );
  phone.server.pages = [{ cursor: "7", reset: true }];
  await phone.sync.run("button");
  assert.deepEqual(await list(), []);
});
