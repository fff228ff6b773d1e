import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { freeze, unacknowledged } from "../../static/js/offline/outbox.js";
import { createPhone } from "./support/phone.js";

const ids = (/** @type {{record_id: string}[]} */ rows) => rows.map((row) => row.record_id);

test("what is saved goes up once, and its receipt is kept before the row ends", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save();
  const state = await phone.sync.run("save");
  assert.equal(state.unsent, 0);
  assert.equal(state.problem, null);
  const [sent] = await phone.store.all("sent");
  assert.equal(sent.op_id, row.op_id);
  assert.equal(sent.receipt, "R1");
  assert.deepEqual(sent.body, row.body);
  assert.equal(phone.server.effects.length, 1);
  assert.equal(phone.server.effects[0].device_seq, 1);
  assert.equal(phone.server.effects[0].device, "device-1");
});

test("an operation carries exactly the keys of the protocol", async (t) => {
  const phone = await createPhone(t);
  await phone.save({ learned_at: "2026-11-20T08:00:00.000Z" });
  await phone.store.setMeta({ clock_offset: -250 });
  await phone.save();
  await phone.sync.run();
  const keys =
    "op_id kind id rev base_rev made_at learned_at clock_offset author device device_seq body".split(" ");
  const [first, second] = phone.server.effects;
  assert.deepEqual(
    Object.keys(first),
    keys.filter((key) => key !== "clock_offset"),
  );
  assert.deepEqual(
    Object.keys(second),
    keys.filter((key) => key !== "learned_at"),
  );
  assert.match(first.made_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("a lost answer: the same bytes are sent again and the server knows them", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.faults.push(() => "lose the answer");
  let state = await phone.sync.run();
  assert.equal(state.unsent, 1);
  assert.equal(state.problem?.code, "unreachable");
  state = await phone.sync.run("button");
  assert.equal(state.unsent, 0);
  assert.equal(phone.server.effects.length, 1, "one effect");
  const [first, second] = phone.server.pushes;
  assert.deepEqual(first?.json.operations, second?.json.operations);
  assert.equal((await phone.store.all("sent"))[0].outcome, "duplicate");
});

test("a crash between the answer and the receipt loses nothing and doubles nothing", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save();
  const write = phone.store.write;
  phone.store.write = (names, work) =>
    names.includes("sent") ? Promise.reject(new Error("the phone went dark")) : write(names, work);
  await phone.sync.run();
  assert.equal(phone.server.effects.length, 1);
  const { store, sync } = await phone.window(); // started again
  const { rows } = await unacknowledged(store);
  assert.deepEqual(ids(rows), [row.record_id]);
  await sync.run("open");
  assert.equal((await unacknowledged(store)).count, 0);
  assert.equal(phone.server.effects.length, 1);
  assert.equal(phone.server.pushes[0]?.json.operations[0].op, phone.server.pushes[1]?.json.operations[0].op);
});

test("an edit after a lost answer is a new operation with a higher revision", async (t) => {
  const phone = await createPhone(t);
  const first = await phone.save();
  phone.server.faults.push(() => "lose the answer");
  await phone.sync.run();
  const second = await phone.save({
    id: first.record_id,
    base_rev: 1,
    body: { unit_id: "unit-1", place: "Nhà văn hóa" },
  });
  assert.notEqual(second.op_id, first.op_id);
  await phone.sync.run("button");
  assert.deepEqual(
    phone.server.effects.map(({ rev, base_rev }) => [rev, base_rev]),
    [
      [1, 0],
      [2, 1],
    ],
  );
  assert.equal((await unacknowledged(phone.store)).count, 0);
});

test("an answer without our header is a captive portal, unless a gateway says that its server is away", async (t) => {
  const phone = await createPhone(t);
  for (const status of [200, 302, 401, 403, 500, 511]) {
    await phone.save();
    const unsent = await phone.store.count("outbox");
    phone.server.always = () => new Response(status === 302 ? null : "<h1>Chào mừng</h1>", { status });
    const state = await phone.sync.run("button");
    assert.equal(state.problem?.code, "captive_portal", String(status));
    assert.equal(state.unsent, unsent);
  }
  assert.equal(phone.server.effects.length, 0);
});

test("a gateway whose server is away is told as overload, takes nothing away, and its Retry-After is kept", async (t) => {
  const phone = await createPhone(t);
  const words = '{"error": {"code": "sign_in_required"}, "outcomes": []}'; // not ours: what it says does not count
  for (const status of [429, 502, 503, 504]) {
    await phone.save();
    const unsent = await phone.store.count("outbox");
    phone.server.faults.push(() => new Response(words, { status, headers: { "Retry-After": "120" } }));
    let state = await phone.sync.run("button");
    assert.equal(state.problem?.code, "overloaded", String(status));
    assert.equal(state.unsent, unsent);
    const asked = phone.server.requests.length;
    phone.time += 119_000;
    state = await phone.sync.run("button");
    assert.equal(phone.server.requests.length, asked);
    phone.time += 2_000;
  }
  assert.equal(phone.server.effects.length, 0);
  assert.equal((await phone.sync.run("button")).unsent, 0);
});

test("a gateway that lets less through than the server takes: fewer at a time, and all are through", async (t) => {
  const phone = await createPhone(t);
  for (let n = 0; n < 5; n++) await phone.save();
  /** @type {number[]} */
  const sizes = [];
  const narrow = (/** @type {string} */ address, /** @type {RequestInit} */ init) => {
    if (!address.startsWith("/sync/push")) return phone.server.fetch(address, init);
    const text =
      typeof init.body === "string" ? init.body : gunzipSync(/** @type {any} */ (init.body)).toString();
    const { operations } = JSON.parse(text);
    sizes.push(operations.length);
    if (operations.length > 2) return Promise.resolve(new Response("<h1>413</h1>", { status: 413 }));
    return phone.server.fetch(address, init);
  };
  const { sync } = await phone.window({ fetch: narrow });
  const state = await sync.run("button");
  assert.equal(state.unsent, 0, JSON.stringify(sizes));
  assert.equal(phone.server.effects.length, 5);
});

test("a portal that repeats our words without the header ends no row", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save();
  phone.server.faults.push(() => {
    const outcomes = [{ op_id: row.op_id, outcome: "applied", code: "applied", message: "", receipt: "X" }];
    return new Response(JSON.stringify({ protocol: 1, outcomes }), { status: 200 });
  });
  assert.equal((await phone.sync.run()).unsent, 1);
});

test("an answer cut in the middle counts as no answer", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.faults.push(() => new Response('{"outcomes": [{"op', { headers: { "Gandan-Protocol": "1" } }));
  const state = await phone.sync.run();
  assert.equal(state.unsent, 1);
  assert.equal(state.problem?.code, "unreachable");
});

test("a server that never answers is given up, and everything is kept", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.faults.push(
    ({ init }) =>
      new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(new Error("aborted")))),
  );
  const state = await phone.sync.run();
  assert.equal(state.unsent, 1);
  assert.equal(state.problem?.code, "unreachable");
});

test("sign-in needed: sending pauses, saving goes on, signing in lets it go", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.always = () => phone.server.refuse(401, "sign_in_required");
  let state = await phone.sync.run("save");
  assert.equal(state.problem?.code, "sign_in_required");
  await phone.save();
  state = await phone.sync.run("save");
  assert.equal(phone.server.requests.length, 1, "no second request for a save");
  assert.equal(state.unsent, 2);
  phone.server.always = null;
  state = await phone.sync.run("session");
  assert.equal(state.unsent, 0);
  assert.equal(state.problem, null);
});

test("another person's cookie stops everything", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.always = () => phone.server.refuse(403, "wrong_person");
  const state = await phone.sync.run();
  assert.equal(state.problem?.code, "wrong_person");
  assert.equal(state.unsent, 1);
  await phone.sync.run("timer");
  assert.equal(phone.server.requests.length, 1);
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

test("cross-site and upgrade are said as such", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.faults.push(() => phone.server.refuse(403, "cross_site"));
  assert.equal((await phone.sync.run()).problem?.code, "cross_site");
  phone.server.faults.push(() => phone.server.refuse(409, "upgrade_required"));
  assert.equal((await phone.sync.run("button")).problem?.code, "upgrade_required");
  phone.server.faults.push(() => phone.server.refuse(409, "server_too_old"));
  assert.equal((await phone.sync.run("button")).problem?.code, "server_too_old");
  assert.equal((await phone.sync.run("button")).unsent, 0);
});

test("too large: fewer at a time, until all are through", async (t) => {
  const phone = await createPhone(t);
  for (let n = 0; n < 9; n++) await phone.save();
  phone.server.always = ({ json }) =>
    json?.operations.length > 2 ? phone.server.refuse(413, "too_large") : undefined;
  const state = await phone.sync.run();
  assert.equal(state.unsent, 0);
  assert.deepEqual(
    phone.server.pushes.slice(0, 3).map(({ json }) => json.operations.length),
    [9, 4, 2],
  );
  assert.equal(phone.server.effects.length, 9);
});

test("one that is too large by itself is set aside and the others go", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  const big = await phone.save();
  await phone.save();
  phone.server.always = ({ json }) =>
    json?.operations.some((/** @type {any} */ one) => one.op.includes(big.record_id))
      ? phone.server.refuse(413, "too_large")
      : undefined;
  const state = await phone.sync.run();
  assert.equal(state.unsent, 1);
  assert.equal(state.problem?.code, "too_large");
  assert.deepEqual(ids((await unacknowledged(phone.store)).rows), [big.record_id]);
});

test("a request that cannot be read is tried in parts and without compression", async (t) => {
  const phone = await createPhone(t);
  for (let n = 0; n < 8; n++) await phone.save();
  phone.server.faults.push(() => phone.server.refuse(400, "unreadable_request"));
  assert.equal((await phone.sync.run()).unsent, 0);
  const [first, second] = phone.server.pushes;
  assert.equal(first?.headers["content-encoding"], "gzip");
  assert.equal(second?.headers["content-encoding"], undefined);
});

test("overload: Retry-After is kept, also by the button", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.faults.push(() => phone.server.refuse(503, "overloaded", { "Retry-After": "120" }));
  let state = await phone.sync.run();
  assert.equal(state.problem?.code, "overloaded");
  assert.ok(phone.sync.delay() > 0 && phone.sync.delay() <= 120_000);
  phone.time += 119_000;
  await phone.sync.run("button");
  assert.equal(phone.server.requests.length, 1);
  phone.time += 2_000;
  state = await phone.sync.run("button");
  assert.equal(state.unsent, 0);
});

test("the pause grows with every failure, up to a bound, and one success ends it", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.always = () => phone.server.refuse(500, "internal");
  const pauses = [];
  for (let n = 0; n < 9; n++) {
    await phone.sync.run("open");
    pauses.push(phone.sync.delay());
  }
  assert.deepEqual(pauses.slice(0, 3), [30_000, 60_000, 120_000]);
  assert.equal(pauses.at(-1), 15 * 60_000);
  const before = phone.server.requests.length;
  await phone.sync.run("timer");
  assert.equal(phone.server.requests.length, before, "the timer keeps the pause");
  phone.server.always = null;
  assert.equal((await phone.sync.run("online")).unsent, 0);
  assert.equal((await phone.sync.run("open")).problem, null);
});

test("quarantined ends the row, and is kept with its reason", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save();
  phone.server.verdicts.set(row.record_id, () => ({ outcome: "quarantined", code: "not_authorised" }));
  const state = await phone.sync.run();
  assert.equal(state.unsent, 0);
  const [sent] = await phone.store.all("sent");
  assert.equal(sent.outcome, "quarantined");
  assert.equal(sent.code, "not_authorised");
  assert.equal(sent.message, "Máy chủ nói vậy.");
  assert.deepEqual(sent.body, row.body);
});

test("an outcome without op_id is known by its place", async (t) => {
  const phone = await createPhone(t);
  const [bad, good] = [await phone.save(), await phone.save()];
  phone.server.verdicts.set(bad.record_id, () => ({
    op_id: null,
    outcome: "quarantined",
    code: "unreadable",
  }));
  await phone.sync.run();
  const sent = await phone.store.all("sent");
  assert.equal(sent.find((row) => row.op_id === bad.op_id).code, "unreadable");
  assert.equal(sent.find((row) => row.op_id === good.op_id).outcome, "applied");
});

test("no receipt, no end", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save();
  phone.server.verdicts.set(row.record_id, () => ({
    outcome: "applied",
    code: "applied",
    receipt: undefined,
  }));
  assert.equal((await phone.sync.run()).unsent, 1);
  phone.server.verdicts.set(row.record_id, () => ({ outcome: "quarantined", code: "x", receipt: "" }));
  assert.equal((await phone.sync.run("button")).unsent, 1);
  phone.server.verdicts.set(row.record_id, () => ({ outcome: "whatever", code: "new", receipt: "R" }));
  assert.equal((await phone.sync.run("button")).unsent, 1);
});

test("a revoked phone for which quarantine is full keeps the rest and says so, and asks again when told to", async (t) => {
  const phone = await createPhone(t);
  const rows = [await phone.save(), await phone.save(), await phone.save()];
  const full = { outcome: "retry", code: "quarantine_full", receipt: "" };
  const held = { outcome: "quarantined", code: "revoked_device" };
  for (const [place, row] of rows.entries())
    phone.server.verdicts.set(row.record_id, () => (place ? full : held));
  phone.server.faults.push(
    () => undefined,
    () => phone.server.refuse(403, "revoked_device"),
  );
  let state = await phone.sync.run("save");
  assert.deepEqual([state.unsent, state.problem?.code, state.problem?.tap], [2, "quarantine_full", "device"]);
  assert.deepEqual(ids(await phone.store.all("sent")), [rows[0]?.record_id], "what was kept has its receipt");
  assert.equal((await unacknowledged(phone.store)).count, 2);
  assert.equal(phone.server.pushes.length, 1);
  await phone.sync.run("timer");
  assert.equal(phone.server.pushes.length, 1, "not again by itself");
  phone.server.verdicts.clear();
  phone.server.faults = [];
  state = await phone.sync.run("button");
  assert.deepEqual([state.unsent, state.problem], [0, null]);
});

test("a stuck record does not hold up the others, nor its own successor overtake it", async (t) => {
  const phone = await createPhone(t);
  const stuck = await phone.save();
  phone.server.verdicts.set(stuck.record_id, () => ({ outcome: "retry", code: "busy" }));
  await phone.sync.run();
  await phone.save({ id: stuck.record_id, base_rev: 1 });
  for (let n = 0; n < 60; n++) await phone.save();
  const state = await phone.sync.run("button");
  assert.equal(phone.server.effects.length, 60);
  assert.equal(await phone.store.count("outbox"), 2);
  assert.equal(state.unsent, 1, "two revisions of one entry");
  assert.equal(state.problem?.code, "record_waiting");
  phone.server.verdicts.clear();
  assert.equal((await phone.sync.run("button")).unsent, 0);
  const revs = phone.server.effects.filter(({ id }) => id === stuck.record_id).map(({ rev }) => rev);
  assert.deepEqual(revs, [1, 2]);
});

test("a record that makes the server fail is found out and goes last", async (t) => {
  const phone = await createPhone(t);
  const poison = await phone.save();
  for (let n = 0; n < 5; n++) await phone.save();
  phone.server.always = ({ json }) =>
    json?.operations.some((/** @type {any} */ one) => one.op.includes(poison.record_id))
      ? phone.server.refuse(500, "internal")
      : undefined;
  for (let n = 0; n < 6; n++) await phone.sync.run("button");
  assert.equal(phone.server.effects.length, 5);
  assert.deepEqual(ids((await unacknowledged(phone.store)).rows), [poison.record_id]);
});

/** @type {[string, (server: import("./support/server.js").Server) => any][]} */
const WAYS_TO_FAIL = [
  ["an error of the server", (server) => server.refuse(500, "internal")],
  ["a filter's page", () => new Response("<h1>Request blocked</h1>", { status: 403 })],
  [
    "a connection that is cut",
    () => {
      throw new TypeError("Failed to fetch");
    },
  ],
];
test("an entry that alone does not come through delays neither the others nor the news", async (t) => {
  for (const [how, fail] of WAYS_TO_FAIL) {
    const phone = await createPhone(t);
    const [poison, second] = [await phone.save(), await phone.save()];
    const bad = [poison.record_id, second.record_id];
    for (let n = 0; n < 20; n++) await phone.save();
    phone.server.always = ({ json }) =>
      json?.operations.some((/** @type {any} */ one) => bad.some((id) => one.op.includes(id)))
        ? fail(phone.server)
        : undefined;
    for (let n = 0; n < 3; n++) await phone.sync.run("button");
    assert.equal(phone.server.effects.length, 20, how);
    assert.equal(phone.sync.state().problem?.code, "record_waiting");
    assert.ok(phone.server.pulls.length > 0);
    await phone.save();
    await phone.sync.run("button");
    assert.equal(phone.server.effects.length, 21, "nor what is saved later");
    phone.server.always = null;
    assert.equal((await phone.sync.run("button")).unsent, 0);
  }
});

test("an entry that is swallowed on its way each time lets the others go first", async (t) => {
  const phone = await createPhone(t);
  const poison = await phone.save();
  for (let n = 0; n < 5; n++) await phone.save();
  phone.server.always = ({ json }) => {
    if (!json?.operations.some((/** @type {any} */ one) => one.op.includes(poison.record_id))) return;
    phone.time += 30_000;
    throw new TypeError("Failed to fetch");
  };
  for (let n = 0; n < 6; n++) await phone.sync.run("button");
  assert.equal(phone.server.effects.length, 5);
  assert.equal(phone.sync.state().problem?.code, "unreachable");
});

test("what an outage made suspect does not wait behind the one entry that really fails", async (t) => {
  const phone = await createPhone(t);
  const poison = await phone.save();
  for (let n = 0; n < 5; n++) await phone.save();
  phone.server.always = () => phone.server.refuse(500, "internal");
  for (let n = 0; n < 30; n++) await phone.sync.run("button");
  phone.server.always = ({ json }) =>
    json?.operations.some((/** @type {any} */ one) => one.op.includes(poison.record_id))
      ? phone.server.refuse(500, "internal")
      : undefined;
  for (let n = 0; n < 3; n++) await phone.sync.run("button");
  assert.deepEqual(ids((await unacknowledged(phone.store)).rows), [poison.record_id]);
});

test("at most 50 operations at a time, in the order of the device", async (t) => {
  const phone = await createPhone(t);
  for (let n = 0; n < 51; n++) await phone.save();
  await phone.sync.run();
  assert.deepEqual(
    phone.server.pushes.map(({ json }) => json.operations.length),
    [50, 1],
  );
  const seqs = phone.server.effects.map(({ device_seq }) => device_seq);
  assert.deepEqual(
    seqs,
    [...seqs].sort((a, b) => a - b),
  );
});

test("two windows, one drainer; what the second saved meanwhile is not forgotten", async (t) => {
  const phone = await createPhone(t);
  const other = await phone.window();
  await phone.save();
  /** @type {() => void} */
  let release = () => {};
  const gate = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  // The first window is caught in its last request: it will not look at the outbox again.
  phone.server.always = ({ path }) => (path.startsWith("/sync/pull") ? gate : undefined);
  const first = phone.sync.run();
  while (!phone.server.pulls.length) await new Promise((resolve) => setTimeout(resolve, 5));
  await phone.save();
  await other.sync.run();
  assert.equal(phone.server.pushes.length, 1, "the second window did not send beside the first");
  phone.server.always = null;
  release();
  await first;
  while ((await unacknowledged(phone.store)).count) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(phone.server.effects.length, 2);
});

test("a row saved while this window is sending is sent in the same run", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.faults.push(async () => {
    await phone.save();
    phone.sync.run("save");
  });
  await phone.sync.run();
  assert.equal((await unacknowledged(phone.store)).count, 0);
  assert.equal(phone.server.effects.length, 2);
});

test("a row saved while this window is fetching is sent in the same run", async (t) => {
  const phone = await createPhone(t);
  phone.server.faults.push(async () => {
    await phone.save();
    phone.sync.run("save");
  });
  await phone.sync.run("open");
  assert.equal(phone.server.requests[0]?.path.startsWith("/sync/pull"), true);
  assert.equal((await unacknowledged(phone.store)).count, 0);
});

test("after an outage the rows go together again, not one by one", async (t) => {
  const phone = await createPhone(t);
  for (let n = 0; n < 40; n++) await phone.save();
  phone.server.always = () => phone.server.refuse(500, "internal");
  for (let n = 0; n < 60; n++) await phone.sync.run("button");
  phone.server.always = null;
  const before = phone.server.pushes.length;
  assert.equal((await phone.sync.run("button")).unsent, 0);
  assert.ok(phone.server.pushes.length - before <= 8, String(phone.server.pushes.length - before));
});

test("nothing is sent when there is nothing to send and the last look was recent", async (t) => {
  const phone = await createPhone(t);
  await phone.sync.run("open");
  assert.equal(phone.server.pulls.length, 1);
  phone.time += 4 * 60_000;
  await phone.sync.run("visible");
  assert.equal(phone.server.requests.length, 1);
  await phone.sync.run("button");
  assert.equal(phone.server.requests.length, 2);
  phone.time += 6 * 60_000;
  await phone.sync.run("visible");
  assert.equal(phone.server.requests.length, 3);
});

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
  const asked = phone.server.pulls.map(({ path }) => new URL(path, "http://x").searchParams.get("since"));
  assert.deepEqual(asked, ["", "one"]);
  assert.deepEqual((await phone.store.all("records")).map(({ id, kind }) => [id, kind]).sort(), [
    ["a", "meeting"],
    ["b", "meeting"],
    ["p", "petition"],
  ]);
  assert.equal(await phone.store.meta("cursor"), "two");
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
  const asked = phone.server.pulls.length;
  await phone.sync.run("button");
  const paths = phone.server.pulls.slice(asked).map(({ path }) => new URL(path, "http://x").searchParams);
  assert.deepEqual(
    paths.map((query) => [query.get("since"), query.get("own")]),
    [
      [cursor, "0"],
      [cursor, null],
    ],
  );
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
  const asked = phone.server.pulls.map(({ path }) => new URL(path, "http://x").searchParams.get("since"));
  assert.deepEqual(asked, ["", "one", "one"]);
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

test("offline is calm: nothing is asked, and with nothing unsent there is no problem", async (t) => {
  const phone = await createPhone(t);
  phone.isOnline = false;
  assert.equal((await phone.sync.run("open")).problem, null);
  await phone.save();
  assert.equal((await phone.sync.run("save")).problem?.code, "offline");
  assert.equal(phone.server.requests.length, 0);
  assert.equal((await phone.sync.run("button")).unsent, 0, "the button does not believe navigator.onLine");
});

test("a clock behind the server's last word is suspected when nothing gets through", async (t) => {
  const phone = await createPhone(t);
  await phone.sync.run("open");
  phone.time -= 86_400_000;
  await phone.save();
  phone.server.faults.push(() => {
    throw new TypeError("certificate not yet valid");
  });
  assert.equal((await phone.sync.run("open")).problem?.code, "clock");
});

test("the difference of the clocks is learned and travels with later operations", async (t) => {
  const phone = await createPhone(t);
  phone.server.skew = 90_000;
  await phone.sync.run("open");
  await phone.save();
  await phone.sync.run();
  assert.equal(phone.server.effects[0].clock_offset, 90_000);
});

test("without a session nothing is sent and sign-in is asked for", async (t) => {
  const phone = await createPhone(t, { session: false });
  await phone.save();
  const state = await phone.sync.run();
  assert.equal(state.problem?.code, "sign_in_required");
  assert.equal(phone.server.requests.length, 0);
});

test("what was frozen under an earlier device keeps its device and code", async (t) => {
  const phone = await createPhone(t);
  const old = await phone.save();
  phone.server.faults.push(() => phone.server.refuse(401, "sign_in_required"));
  await phone.sync.run();
  const secret = Buffer.alloc(32, 9).toString("base64url");
  await phone.store.put("meta", { key: "session", device: "device-2", secret, revoked: false });
  const fresh = await phone.save();
  phone.server.secrets["device-2"] = secret;
  assert.equal((await phone.sync.run("session")).unsent, 0);
  assert.equal(phone.server.pushes.at(-1)?.json.device, "device-2", "the request is the new device's");
  assert.deepEqual(
    phone.server.effects.map(({ id, device }) => [id, device]),
    [
      [old.record_id, "device-1"],
      [fresh.record_id, "device-2"],
    ],
  );
});

test("a revoked device is told so, and may still push", async (t) => {
  const phone = await createPhone(t);
  phone.server.always = ({ path }) =>
    path.startsWith("/sync/pull") ? phone.server.refuse(403, "revoked_device") : undefined;
  await phone.save();
  const state = await phone.sync.run();
  assert.equal(state.problem?.code, "revoked_device");
  assert.equal(state.unsent, 0);
});

test("a row edited while it is being frozen is not sent with the old words", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save();
  const { rows } = await unacknowledged(phone.store);
  const kept = await freeze(phone.store, rows, {
    device: "device-1",
    sign: async () => {
      await phone.save({ id: row.record_id, base_rev: 1, body: { place: "mới" } });
      return "mac";
    },
  });
  assert.deepEqual(kept, []);
  await phone.sync.run();
  assert.deepEqual(phone.server.effects[0].body, { place: "mới" });
});

test("what is shown is the count of unacknowledged rows, and listeners hear of it", async (t) => {
  const phone = await createPhone(t);
  /** @type {Gandan.SyncState[]} */
  const seen = [];
  const stop = phone.sync.subscribe((state) => seen.push(state));
  await phone.save();
  await phone.sync.run();
  stop();
  assert.ok(seen.some(({ sending, unsent }) => sending && unsent === 1));
  assert.deepEqual(
    { sending: seen.at(-1)?.sending, unsent: seen.at(-1)?.unsent },
    { sending: false, unsent: 0 },
  );
  assert.equal(seen.at(-1)?.lastContact, new Date(phone.time).toISOString());
});

test("before the rows were counted nobody is told that none waits", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  const { sync } = await phone.window();
  /** @type {number[]} */
  const seen = [];
  sync.subscribe(({ unsent }) => seen.push(unsent));
  assert.equal(seen.length, 0);
  await sync.refresh();
  sync.subscribe(({ unsent }) => seen.push(unsent));
  assert.deepEqual(seen, [1, 1]);
});

test("a broken notebook is said, not thrown", async (t) => {
  const phone = await createPhone(t);
  phone.store.count = () => Promise.reject(Object.assign(new Error("x"), { code: "quota" }));
  assert.equal((await phone.sync.run()).problem?.code, "quota");
});

test("the diary tells what happened and stays short", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  await phone.sync.run();
  const rows = await phone.store.all("diary");
  assert.equal(rows[0].event, "pushed");
  assert.equal(rows[0].codes, "applied/applied");
  for (let n = 0; n < 210; n++) await phone.store.note("test");
  assert.equal(await phone.store.count("diary"), 200);
});

test("a pause the server asked for outlives the page", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  phone.server.faults.push(() => phone.server.refuse(429, "overloaded", { "Retry-After": "60" }));
  await phone.sync.run();
  const { sync } = await phone.window();
  assert.equal((await sync.run("open")).problem?.code, "overloaded");
  assert.equal(phone.server.requests.length, 1);
  phone.time -= 3_600_000; // a clock set back must not make a minute an hour
  assert.equal((await sync.run("open")).unsent, 0);
});

test("a clock that was ahead when a pause began neither stretches it nor makes the timer spin", async (t) => {
  const phone = await createPhone(t);
  phone.time += 400 * 86_400_000;
  await phone.save();
  phone.server.faults.push(() => phone.server.refuse(500, "internal"));
  await phone.sync.run();
  phone.time -= 400 * 86_400_000;
  assert.ok(
    phone.sync.delay() <= 45 * 60_000,
    "longer than a browser's timer can be, it fires at once, for ever",
  );
  assert.equal((await phone.sync.run("save")).unsent, 0);
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
const checks = (/** @type {any} */ phone) =>
  phone.server.pulls.map((/** @type {any} */ { path }) =>
    new URL(path, "http://x").searchParams.get("check"),
  );

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
  assert.deepEqual(checks(phone), ["1"], "after a reset, which the first pull is");
  phone.time += 23 * 3_600_000;
  await phone.sync.run("open");
  phone.server.pages = [{ check }];
  phone.time += 2 * 3_600_000;
  await phone.sync.run("open");
  assert.deepEqual(checks(phone), ["1", null, "1"]);
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
  assert.deepEqual(checks(phone).slice(1), ["1", "1", "1"]);
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
  assert.deepEqual(checks(phone), ["1", null, "1"]);
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

test("a browser that never says what it promises to keep holds nothing up", async (t) => {
  const phone = await createPhone(t);
  const { sync } = await phone.window({ storage: () => new Promise(() => {}) });
  await phone.save();
  const state = await sync.run("save");
  assert.equal(state.unsent, 0);
  assert.equal(state.sending, false);
});

test("what the browser promises is told when it has said so", async (t) => {
  const phone = await createPhone(t);
  const promised = { persisted: true };
  const { sync } = await phone.window({ storage: async () => promised });
  const told = new Promise((resolve) => sync.subscribe(({ storage }) => storage && resolve(storage)));
  await sync.run("open");
  assert.equal(await told, promised);
});
