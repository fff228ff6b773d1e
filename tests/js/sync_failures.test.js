// What goes wrong on the way or at the server: nothing is lost or doubled, it is said, and tried again at a pace.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { unacknowledged } from "../../static/js/offline/outbox.js";
import { createPhone, ids } from "./support/phone.js";

/** Whether a request carries any of these rows. @param {any} json @param {...Gandan.Row} rows @returns {boolean} */
const carries = (json, ...rows) =>
  json?.operations.some((/** @type {{op: string}} */ { op }) =>
    rows.some(({ record_id }) => op.includes(record_id)),
  );

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
    carries(json, big) ? phone.server.refuse(413, "too_large") : undefined;
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

test("a broken notebook is said, not thrown", async (t) => {
  const phone = await createPhone(t);
  phone.store.count = () => Promise.reject(Object.assign(new Error("x"), { code: "quota" }));
  assert.equal((await phone.sync.run()).problem?.code, "quota");
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
    carries(json, poison) ? phone.server.refuse(500, "internal") : undefined;
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
    for (let n = 0; n < 20; n++) await phone.save();
    phone.server.always = ({ json }) => (carries(json, poison, second) ? fail(phone.server) : undefined);
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
    if (!carries(json, poison)) return;
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
    carries(json, poison) ? phone.server.refuse(500, "internal") : undefined;
  for (let n = 0; n < 3; n++) await phone.sync.run("button");
  assert.deepEqual(ids((await unacknowledged(phone.store)).rows), [poison.record_id]);
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
