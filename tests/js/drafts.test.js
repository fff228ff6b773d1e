// What is being typed, in one window or in several: whatever was said to be kept stays on the disk.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createKeeper } from "../../static/js/forms/draft.js";
import { openEntry } from "../../static/js/forms/entry.js";
import { isSaid, openFlash } from "../../static/js/forms/flash.js";
import { dropDraft, saveAll, unacknowledged } from "../../static/js/offline/outbox.js";
import { entryViews } from "../../static/js/offline/records.js";
import { createPhone, rowsOf } from "./support/phone.js";

let time = Date.parse("2026-11-22T12:00:00.000Z");

/** What a form reads of a store. @param {Gandan.Store} store */
const known = async (store) => ({
  ...(await rowsOf(store)),
  units: /** @type {Gandan.Unit[]} */ ([{ id: "u", name: "Tổ 1", mine: true }]),
  quarantine: [],
  calendar: null,
  bulletins: [],
  loaded: true,
});

/** A window with the form of an entry, as far as its draft goes. @param {Gandan.Store} store @param {string} [address] */
async function openWindow(store, address = "") {
  const opened = openEntry(await known(store), new URLSearchParams(address));
  assert.ok(opened);
  let text = /** @type {string} */ (opened.draft?.body.place ?? "");
  /** @type {string[]} */
  const said = [];
  const keeper = createKeeper({
    store,
    hold: opened.hold,
    read: () => ({
      kind: "meeting",
      unit_id: "u",
      base_rev: opened.base_rev,
      updated_at: new Date(++time).toISOString(),
      body: { place: text },
    }),
    told: (state) => said.push(state),
    within: 0,
  });
  return {
    opened,
    said,
    text: () => text,
    /** @param {string} words */
    async type(words) {
      text += words;
      keeper.touch();
      await keeper.flush();
    },
    save: () =>
      saveAll(
        store,
        [
          {
            kind: "meeting.save",
            id: opened.id,
            base_rev: opened.base_rev,
            seen: opened.seen,
            form: opened.form,
            body: { place: text },
          },
        ],
        { draft: opened.hold },
      ),
    discard: () => keeper.drop(),
  };
}

/** Two windows that have typed on from one draft, each its own words. @param {Gandan.Store} store */
async function parted(store) {
  const first = await openWindow(store);
  await first.type("một");
  const second = await openWindow(store);
  await first.type(" hai");
  await second.type(" ba");
  return { first, second };
}

/** @param {Gandan.Store} store */
const kept = async (store) => (await store.all("drafts")).map((row) => row.body.place).sort();
/** @param {Gandan.Store} store */
const waiting = async (store) =>
  (await unacknowledged(store)).rows.map(({ rev, base_rev, body }) => [rev, base_rev, body.place]);

test("two windows go on with one draft: what each was told to be kept is kept, beside the other's", async (t) => {
  const { store } = await createPhone(t);
  const first = await openWindow(store);
  await first.type("một");
  const second = await openWindow(store);
  assert.equal(second.text(), "một");
  await first.type(" hai");
  await second.type(" ba");
  await first.type(" bốn");
  await second.type(" năm");
  assert.deepEqual(await kept(store), ["một ba năm", "một hai bốn"]);
  assert.deepEqual(first.said.includes("apart"), false);
  assert.equal(second.said.filter((state) => state === "apart").length, 1, "said once");
  assert.deepEqual(
    entryViews(await known(store)).map(({ id, body }) => [id, body?.place]),
    [[first.opened.id, "một ba năm"]],
    "one entry, as it was typed last",
  );
});

test("two windows on one entry without a draft: the second to type is kept beside the first", async (t) => {
  const phone = await createPhone(t);
  const { record_id } = await phone.save({ body: { unit_id: "u", place: "cũ" } });
  const windows = [
    await openWindow(phone.store, `id=${record_id}`),
    await openWindow(phone.store, `id=${record_id}`),
  ];
  for (const [place, one] of windows.entries()) await one.type(`cửa sổ ${place}`);
  assert.deepEqual(await kept(phone.store), ["cửa sổ 0", "cửa sổ 1"]);
});

test("a window that is loaded again, or opened after a crash, goes on with its draft and makes no second one", async (t) => {
  const { store } = await createPhone(t);
  for (const words of ["một", " hai", " ba"]) {
    const again = await openWindow(store);
    await again.type(words);
    await again.type(".");
  }
  assert.deepEqual(await kept(store), ["một. hai. ba."]);
});

test("a draft that was set apart is opened again as it was left", async (t) => {
  const { store } = await createPhone(t);
  const { first, second } = await parted(store);
  await first.type(" bốn");
  const again = await openWindow(store, `draft=${second.opened.hold.id}`);
  assert.equal(again.text(), "một ba");
  assert.equal(
    (await openWindow(store, `draft=${first.opened.hold.id}`)).text(),
    "một hai bốn",
    "and the other too",
  );
  assert.equal(again.opened.id, first.opened.id);
  await again.type(" năm");
  assert.deepEqual(await kept(store), ["một ba năm", "một hai bốn"]);
});

test("one window saves: the draft of the other stays, and is a second version", async (t) => {
  const { store } = await createPhone(t);
  const { first } = await parted(store);
  await first.save();
  assert.deepEqual(await kept(store), ["một ba"]);
  const later = await openWindow(store, `draft=${first.opened.id}`);
  assert.equal(later.text(), "một ba");
  await later.save();
  assert.deepEqual(await kept(store), []);
  assert.deepEqual(
    await waiting(store),
    [
      [1, 0, "một hai"],
      [1, 0, "một ba"],
    ],
    "nothing is put over anything: the author is asked",
  );
});

test("a window saves or gives up only the draft it knows, not what another has typed into it since", async (t) => {
  const { store } = await createPhone(t);
  const first = await openWindow(store);
  await first.type("một");
  const [saving, discarding] = [await openWindow(store), await openWindow(store)];
  await first.type(" hai");
  await saving.save();
  await discarding.discard();
  assert.deepEqual(await kept(store), ["một hai"]);
  await first.discard();
  assert.deepEqual(await kept(store), []);
});

test("a window that only looks at a draft and gives it up has given it up", async (t) => {
  const { store } = await createPhone(t);
  await (await openWindow(store)).type("một");
  await (await openWindow(store)).discard();
  assert.deepEqual(await kept(store), []);
});

test("a draft of an older version, which says of no form, is gone on with", async (t) => {
  const { store } = await createPhone(t);
  const old = {
    id: "m",
    kind: "meeting",
    unit_id: "u",
    base_rev: 0,
    updated_at: "2026-11-21",
    body: { place: "cũ" },
  };
  await store.put("drafts", old);
  const one = await openWindow(store);
  await one.type(" và mới");
  assert.deepEqual(await kept(store), ["cũ và mới"]);
  await one.save();
  assert.equal(await store.count("drafts"), 0);
});

test("two windows on one flash report: each sends a report of its own, and the same words are one", async (t) => {
  const { store } = await createPhone(t);
  const learned = "2026-11-22T12:00:00.000Z";
  /** @param {string} what */
  const bodyOf = (what) => ({ unit_id: "u", what });
  /** @param {ReturnType<typeof openFlash>} opened @param {string} what */
  async function send({ hold }, what) {
    if (isSaid(await known(store), bodyOf(what), learned)) return;
    const report = { id: hold.form, base_rev: 0, body: bodyOf(what), learned_at: learned };
    await saveAll(store, [{ kind: "flash_report.save", ...report }], { draft: hold });
  }
  await store.put("drafts", {
    id: "f",
    kind: "flash_report",
    unit_id: "u",
    updated_at: "1",
    body: bodyOf("Đê tràn"),
  });
  const rows = await known(store);
  const windows = ["", "", ""].map(() => openFlash(rows, new URLSearchParams()));
  const [first, second, third] = /** @type {[any, any, any]} */ (windows);
  await send(first, "Đê tràn 25 m");
  await send(second, "Đê tràn, đường ngập");
  await send(third, "Đê tràn, đường ngập");
  assert.deepEqual(
    (await unacknowledged(store)).rows.map(({ rev, body }) => [rev, body.what]),
    [
      [1, "Đê tràn 25 m"],
      [1, "Đê tràn, đường ngập"],
    ],
  );
  assert.equal(await store.count("drafts"), 0);
});

test("two windows type into one flash report: both drafts stay, each under its own address", async (t) => {
  const { store } = await createPhone(t);
  /** @param {ReturnType<typeof openFlash>} opened @param {string} what */
  async function type({ hold }, what) {
    const read = () => ({
      kind: "flash_report",
      unit_id: "u",
      base_rev: 0,
      updated_at: what,
      body: { what },
    });
    const keeper = createKeeper({ store, hold, read: /** @type {any} */ (read) });
    keeper.touch();
    await keeper.flush();
  }
  const first = openFlash(await known(store), new URLSearchParams());
  await type(first, "Đê");
  const second = openFlash(await known(store), new URLSearchParams());
  await type(second, "Đê tràn");
  await type(first, "Đê vỡ");
  for (const [opened, what] of /** @type {const} */ ([
    [first, "Đê vỡ"],
    [second, "Đê tràn"],
  ])) {
    const asked = new URLSearchParams({ draft: opened.hold.id });
    assert.equal(openFlash(await known(store), asked).draft?.body.what, what);
  }
  assert.equal(await store.count("drafts"), 2);
});

test("a draft that nobody holds is dropped as it was read", async (t) => {
  const { store } = await createPhone(t);
  const one = await openWindow(store);
  await one.type("một");
  const [found] = /** @type {Gandan.Draft[]} */ (await store.all("drafts"));
  await one.type(" hai");
  await dropDraft(store, { id: one.opened.id, found });
  assert.deepEqual(await kept(store), ["một hai"]);
});
