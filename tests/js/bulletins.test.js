// What the phone knows of bulletins: for whom an item is, when it is due, and who was told.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { attachmentOf, fetchAttachments, isSlow } from "../../static/js/offline/attachments.js";
import { dueAt, isFor, toldOf } from "../../static/js/offline/bulletins.js";
import { createPhone } from "./support/phone.js";

const units = [
  { id: "A", type: "commune", name: "Xã", parent_id: null, mine: false },
  { id: "A1", type: "hamlet", name: "Ấp", parent_id: "A", mine: false },
  { id: "A2", type: "quarter", name: "Khu phố", parent_id: "A", mine: false },
  { id: "g1", type: "group", name: "Tổ 1", parent_id: "A1", mine: true },
  { id: "g2", type: "group", name: "Tổ 2", parent_id: "A1", mine: true },
  { id: "g3", type: "group", name: "Tổ 3", parent_id: "A2", mine: false },
];
const item = { id: "i", month: "2026-11", title: "Nước", text: "Xả ngày 24.", from: "Xã", at: "" };

/** @param {object} said @returns {any} */
const view = (said) => ({
  id: "e",
  unit_id: "g1",
  where: "submitted",
  body: null,
  withdrawing: false,
  ...said,
});

test("an item without places is for every group the phone knows", () => {
  for (const id of ["g1", "g2", "g3"]) assert.ok(isFor(item, units, id));
  assert.ok(!isFor(item, units, "unknown"));
});

test("places and types are looked for on the whole line", () => {
  assert.ok(isFor({ ...item, places: ["A1"] }, units, "g1"));
  assert.ok(!isFor({ ...item, places: ["A1"] }, units, "g3"));
  assert.ok(isFor({ ...item, places: ["g3", "A1"] }, units, "g3"));
  assert.ok(isFor({ ...item, kinds: ["quarter"] }, units, "g3"));
  assert.ok(!isFor({ ...item, places: ["A1"], kinds: ["quarter"] }, units, "g1"));
});

test("units that name each other do not turn it in circles", () => {
  const round = [
    { id: "x", type: "group", name: "", parent_id: "y", mine: true },
    { id: "y", type: "hamlet", name: "", parent_id: "x", mine: false },
  ];
  assert.ok(!isFor({ ...item, places: ["z"] }, round, "x"));
});

test("it is due at meetings of its month", () => {
  assert.deepEqual(dueAt([item], units, "g1", "2026-11-30"), [item]);
  assert.deepEqual(dueAt([item], units, "g1", "2026-12-01"), []);
  assert.deepEqual(dueAt([item], units, "g1", ""), []);
});

test("told are my groups with an entry that says so, sent or not; drafts and what was taken back say nothing", () => {
  const body = { conveyed: [{ text: "Nước", item_id: "i" }] };
  assert.deepEqual(toldOf(item, units, []), { all: 2, told: 0 });
  assert.deepEqual(toldOf(item, units, [view({ body, where: "waiting" })]), { all: 2, told: 1 });
  assert.deepEqual(toldOf(item, units, [view({ body }), view({ body, unit_id: "g2" })]), { all: 2, told: 2 });
  for (const where of ["draft", "withdrawn"])
    assert.equal(toldOf(item, units, [view({ body, where })]).told, 0);
  assert.equal(toldOf(item, units, [view({ body: { conveyed: [{ text: "Nước" }] } })]).told, 0);
});

test("the list is kept with the page that told it, until another page tells another", async (t) => {
  const phone = await createPhone(t);
  phone.server.pages = [
    { cursor: "one", more: true, bulletins: [item] },
    { cursor: "two", more: false },
  ];
  await phone.sync.run("open");
  assert.deepEqual((await phone.store.get("meta", "bulletins")).list, [item]);
  phone.server.pages = [{ cursor: "three", more: false, bulletins: [] }];
  await phone.sync.run("button");
  assert.deepEqual((await phone.store.get("meta", "bulletins")).list, []);
});

const FILES = ["map", "leaflet"].map((text) => ({
  sha256: createHash("sha256").update(text).digest("hex"),
  name: `${text}.pdf`,
  type: "application/pdf",
  size: text.length,
  text,
}));

/** @param {Record<string, string | Error>} [instead] answers of another kind, by content */
const serverOf = (instead = {}) => {
  /** @type {string[]} */
  const asked = [];
  /** @param {RequestInfo | URL} address */
  const fetch = async (address) => {
    asked.push(String(address));
    const file = FILES.find(({ sha256 }) => String(address) === `/bulletins/files/${sha256}`);
    const answer = instead[file?.text ?? ""] ?? file?.text;
    if (answer instanceof Error) throw answer;
    return new Response(answer, { status: answer === undefined ? 404 : 200 });
  };
  return { asked, fetch: /** @type {Gandan.Fetch} */ (fetch) };
};

/** @param {import("./support/phone.js").Phone} phone @param {typeof FILES} files */
const tell = (phone, files) =>
  phone.store.put("meta", {
    key: "bulletins",
    list: [
      { ...item, files },
      { ...item, id: "j" },
    ],
  });

test("files come once, stay while they are told of, and go with their item", async (t) => {
  const phone = await createPhone(t);
  await tell(phone, FILES);
  const { asked, fetch } = serverOf();
  await fetchAttachments(phone.store, { fetch, slow: false });
  await fetchAttachments(phone.store, { fetch, slow: false });
  assert.equal(asked.length, 2);
  for (const { sha256, text } of FILES)
    assert.equal(await (await attachmentOf(phone.store, sha256))?.text(), text);
  await tell(phone, FILES.slice(1));
  await fetchAttachments(phone.store, { fetch, slow: true });
  assert.equal(await attachmentOf(phone.store, FILES[0]?.sha256 ?? ""), null);
  assert.ok(await attachmentOf(phone.store, FILES[1]?.sha256 ?? ""));
});

test("on a slow line nothing is fetched by itself", async (t) => {
  const phone = await createPhone(t);
  await tell(phone, FILES);
  const { asked, fetch } = serverOf();
  await fetchAttachments(phone.store, { fetch, slow: true });
  assert.deepEqual(asked, []);
  assert.deepEqual(
    [
      { effectiveType: "2g" },
      { effectiveType: "4g" },
      { effectiveType: "4g", saveData: true },
      undefined,
    ].map((line) => isSlow(line ?? null)),
    [true, false, true, false],
  );
});

test("what is not what it was said to be is not kept, and does not keep others from coming", async (t) => {
  const phone = await createPhone(t);
  await tell(phone, FILES);
  for (const wrong of ["another page", new TypeError("no network")]) {
    await fetchAttachments(phone.store, { fetch: serverOf({ map: wrong }).fetch, slow: false });
    assert.equal(await attachmentOf(phone.store, FILES[0]?.sha256 ?? ""), null);
    assert.ok(await attachmentOf(phone.store, FILES[1]?.sha256 ?? ""));
  }
});
