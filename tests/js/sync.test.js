// Sending: what is saved goes up once, in order and in its author's name, and ends with its receipt.
import assert from "node:assert/strict";
import { test } from "node:test";
import { freeze, unacknowledged } from "../../static/js/offline/outbox.js";
import { createPhone, ids } from "./support/phone.js";

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

test("the difference of the clocks is learned and travels with later operations", async (t) => {
  const phone = await createPhone(t);
  phone.server.skew = 90_000;
  await phone.sync.run("open");
  await phone.save();
  await phone.sync.run();
  assert.equal(phone.server.effects[0].clock_offset, 90_000);
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

test("a revoked device is told so, and may still push", async (t) => {
  const phone = await createPhone(t);
  phone.server.always = ({ path }) =>
    path.startsWith("/sync/pull") ? phone.server.refuse(403, "revoked_device") : undefined;
  await phone.save();
  const state = await phone.sync.run();
  assert.equal(state.problem?.code, "revoked_device");
  assert.equal(state.unsent, 0);
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
