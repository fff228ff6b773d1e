// Flash reports on the phone: they overtake what waits, and say when they were learned of, written, received and opened.
import assert from "node:assert/strict";
import { test } from "node:test";
import { saveAll } from "../../static/js/offline/outbox.js";
import { applyPage } from "../../static/js/offline/pages.js";
import { entryViews, flashViews } from "../../static/js/offline/records.js";
import { createPhone, rowsOf, START } from "./support/phone.js";

const HOUR = 3_600_000;
const body = { unit_id: "unit-1", what: "Đê tràn", needed: "Bao cát" };
const flash = { kind: /** @type {const} */ ("flash_report.save"), body };

/** @param {{json: any}} push */
const kindsIn = ({ json }) =>
  json.operations.map((/** @type {{op: string}} */ { op }) => JSON.parse(op).kind);

/** @param {object} said */
const told = (said) => ({
  id: "r",
  unit_id: "unit-1",
  author: { id: "officer-1", name: "A" },
  rev: 1,
  state: "reported",
  received_at: "2026-11-22T12:05:00.000Z",
  recorded_at: "2026-11-22T12:00:00.000Z",
  body,
  revisions: [{ op_id: "op", rev: 1, made_at: "2026-11-22T12:00:00.000Z", parallel: false }],
  ...said,
});

test("it goes in a request of its own, before everything that waited longer", async (t) => {
  const phone = await createPhone(t);
  await phone.save();
  await phone.save();
  await phone.save(flash);
  assert.equal((await phone.sync.run()).unsent, 0);
  assert.deepEqual(phone.server.pushes.map(kindsIn), [
    ["flash_report.save"],
    ["meeting.save", "meeting.save"],
  ]);
  assert.deepEqual(
    phone.server.effects.map((one) => one.device_seq),
    [3, 1, 2],
    "the numbers stay those of the writing",
  );
});

test("the operations of one record keep their order", async (t) => {
  const phone = await createPhone(t);
  const [first] = await saveAll(phone.store, [{ ...flash, id: "r", base_rev: 0 }], { now: phone.now });
  phone.server.faults.push(() => "lose the answer");
  await phone.sync.run();
  await phone.save();
  await saveAll(
    phone.store,
    [{ kind: "flash_report.withdraw", id: "r", base_rev: first?.rev ?? 0, body: { reason: "Báo nhầm." } }],
    { now: phone.now },
  );
  await phone.sync.run("button");
  assert.deepEqual(phone.server.pushes.slice(1).map(kindsIn), [
    ["flash_report.save"],
    ["flash_report.withdraw"],
    ["meeting.save"],
  ]);
});

test("one that alone makes the server fail lets the others go on", async (t) => {
  const phone = await createPhone(t);
  const bad = await phone.save(flash);
  await phone.save();
  phone.server.always = ({ json }) =>
    json?.operations?.some((/** @type {{op: string}} */ { op }) => JSON.parse(op).id === bad.record_id)
      ? new Response("", { status: 500, headers: { "Gandan-Protocol": "2" } })
      : undefined;
  await phone.sync.run("button");
  const state = await phone.sync.run("button");
  assert.equal(state.unsent, 1);
  assert.equal(phone.server.effects[0]?.kind, "meeting.save");
});

test("it is worth a try although a pause is on", async (t) => {
  const phone = await createPhone(t);
  phone.server.faults.push(() => new Response("", { status: 500, headers: { "Gandan-Protocol": "2" } }));
  await phone.save();
  await phone.sync.run("save");
  await phone.save(flash);
  await phone.sync.run("save");
  assert.equal(phone.server.effects.length, 0, "a pause is on");
  assert.equal((await phone.sync.run("urgent")).unsent, 0);
});

test("each time stands under its own name, by the true clock", async (t) => {
  const phone = await createPhone(t);
  phone.time = START - 3 * HOUR; // three hours behind
  await phone.store.setMeta({ clock_offset: 3 * HOUR });
  const learned_at = "2026-11-22T11:30:00.000Z";
  const row = await phone.save({ ...flash, learned_at });
  let [view] = flashViews(await rowsOf(phone.store));
  assert.deepEqual(
    [view?.where, view?.learned, view?.recorded, view?.received],
    ["waiting", learned_at, "2026-11-22T12:00:00.000Z", ""],
  );
  await phone.sync.run();
  [view] = flashViews(await rowsOf(phone.store));
  assert.deepEqual([view?.where, view?.learned, view?.opened], ["sent", learned_at, null]);
  assert.equal(view?.recorded, "2026-11-22T12:00:00.000Z");
  const received = (await phone.store.all("sent"))[0].received_at;
  assert.equal(view?.received, received);

  const opened = { at: "2026-11-22T13:00:00.000Z", role: "Lãnh đạo xã", place: "Xã A" };
  const revisions = [{ op_id: row.op_id, rev: 1, made_at: row.made_at, parallel: false }];
  const { body: left_out, ...mine } = told({
    id: row.record_id,
    state: "opened",
    learned_at,
    opened,
    revisions,
  });
  assert.ok(left_out);
  assert.ok(await applyPage(phone.store, { cursor: "1", flash_reports: [mine] }));
  [view] = flashViews(await rowsOf(phone.store));
  assert.deepEqual([view?.where, view?.what, view?.opened], ["opened", "Đê tràn", opened]);
  assert.deepEqual([view?.learned, view?.recorded], [learned_at, "2026-11-22T12:00:00.000Z"]);
});

test("flash reports are no entries, and the newest is first", async (t) => {
  const { store } = await createPhone(t);
  const older = told({ id: "old", recorded_at: "2026-11-21T12:00:00.000Z" });
  await applyPage(store, { cursor: "1", reset: true, flash_reports: [older, told({})] });
  const rows = await rowsOf(store);
  assert.deepEqual(entryViews(rows), []);
  assert.deepEqual(
    flashViews(rows).map((one) => one.id),
    ["r", "old"],
  );
});
