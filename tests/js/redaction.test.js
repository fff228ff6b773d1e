import assert from "node:assert/strict";
import { test } from "node:test";
import { acknowledge, freeze, saveDraft, unacknowledged } from "../../static/js/offline/outbox.js";
import { applyPage } from "../../static/js/offline/pages.js";
import { changesBetween, masked } from "../../static/js/offline/redaction.js";
import { createPhone } from "./support/phone.js";

const NAME = "Nguyễn Văn Mẫu";
const MARK = "[đã che: tên người, tên hộ]";
const BAD = `Ông ${NAME} lấn đất`;
const GOOD = `Ông ${MARK} lấn đất`;

test("what was masked is read off the text that is here", () => {
  assert.deepEqual(changesBetween({ a: BAD, b: ["x", "y"] }, { a: GOOD, b: ["x", "z"] }), [
    { from: BAD, to: GOOD },
    { from: NAME, to: MARK },
  ]);
  assert.deepEqual(changesBetween("Tý và Tèo", `${MARK} và [đã che]`).slice(1), [
    { from: "Tý", to: MARK },
    { from: "Tèo", to: "[đã che]" },
  ]);
  assert.deepEqual(changesBetween(BAD, MARK)[0], { from: BAD, to: MARK });
  assert.deepEqual(changesBetween(BAD, "Viết lại"), [], "an edit of its author is none");
  assert.deepEqual(changesBetween(undefined, { a: GOOD }), []);
  assert.deepEqual(changesBetween("khác hẳn", `abc ${MARK}`), [{ from: "khác hẳn", to: `abc ${MARK}` }]);
});

test("passages are found as whole words, wherever they stand and however they are typed", () => {
  const changes = changesBetween(BAD, GOOD);
  const draft = {
    summary: `Nói thêm: ${NAME.toUpperCase()}!`,
    form: [["a", BAD.normalize("NFD")], [`${NAME}x`]],
  };
  assert.deepEqual(masked(draft, changes), {
    summary: `Nói thêm: ${MARK}!`,
    form: [["a", GOOD], [`${NAME}x`]],
  });
  const number = changesBetween("CCCD079203001234.", "CCCD[đã che: số].");
  assert.equal(masked("số 079203001234, 1079203001234", number), "số [đã che: số], 1079203001234");
  const same = { n: 1, deep: [null, true] };
  assert.deepEqual(masked(same, changes), same);
});

/** @param {any} phone @param {any} row @param {object} [more] */
const told = (phone, row, more = {}) => ({
  cursor: "2",
  entries: [
    {
      id: row.record_id,
      seq: 9,
      unit_id: "u",
      author: { id: phone.store.officerId, name: "An" },
      rev: 1,
      state: "submitted",
      body: { ...row.body, summary: GOOD },
      redactions: [{ reason: "person", by: "Võ Thị Mẫu", at: "2026-11-22T01:00:00.000Z" }],
      revisions: [
        {
          op_id: row.op_id,
          rev: 1,
          made_at: row.made_at,
          parallel: false,
          redacted: true,
          body: { ...row.body, summary: GOOD },
        },
      ],
      ...more,
    },
  ],
});

/** @param {any} phone */
async function everything(phone) {
  const found = [];
  for (const name of ["records", "sent", "outbox", "drafts", "meta", "units", "diary"])
    found.push(...(await phone.store.all(name)));
  return JSON.stringify(found);
}

test("what the desk masked is gone from everything this phone holds", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save({ body: { unit_id: "u", meeting_date: "2026-11-18", summary: BAD } });
  await phone.sync.run();
  await phone.store.put("records", {
    id: row.record_id,
    kind: "meeting",
    unit_id: "u",
    author_id: "x",
    rev: 1,
    state: "submitted",
    revisions: [],
    body: row.body,
  });
  await saveDraft(phone.store, {
    id: row.record_id,
    kind: "meeting",
    unit_id: "u",
    base_rev: 1,
    updated_at: "1",
    body: { ...row.body, form: [["summary", `${BAD}, nói thêm`]] },
  });
  await saveDraft(phone.store, {
    id: "other",
    kind: "meeting",
    unit_id: "u",
    base_rev: 0,
    updated_at: "1",
    body: { summary: NAME },
  });
  await phone.save({ id: row.record_id, base_rev: 1, body: { ...row.body, summary: `${BAD}.` } });
  await phone.save({ body: { unit_id: "u", feedback_given: [{ petition_id: row.record_id, text: BAD }] } });
  await phone.save({ body: { unit_id: "u", summary: `Họp với ${NAME}` } });
  assert.equal(await applyPage(phone.store, told(phone, row)), true);
  const [edited, naming, elsewhere] = (await unacknowledged(phone.store)).rows;
  assert.equal(edited?.body.summary, `${GOOD}.`);
  assert.equal(edited?.edits, 1, "so that it is not frozen as it was read before");
  assert.equal(naming?.body.feedback_given[0].text, GOOD);
  assert.equal(elsewhere?.body.summary, `Họp với ${NAME}`, "words of another record are its author's");
  await phone.store.remove("drafts", "other");
  await phone.store.remove("outbox", elsewhere?.op_id ?? "");
  assert.ok(!(await everything(phone)).includes(NAME));
  const [sent] = await phone.store.all("sent");
  assert.ok(sent.receipt, "the receipt stays");
  assert.equal(sent.body.summary, GOOD);
  assert.equal((await phone.store.get("drafts", row.record_id)).body.form[0][1], `${GOOD}, nói thêm`);
  assert.equal(await phone.store.meta("cursor"), "2");
});

test("a draft on a revision that is no longer the newest when the news of its masking comes", async (t) => {
  const phone = await createPhone(t);
  const first = { op_id: "first", rev: 1, made_at: "", received_at: "", receipt: "R", parallel: false };
  const known = { id: "m", unit_id: "u", author: { id: "officer-1" }, rev: 1, state: "submitted" };
  const body = { unit_id: "u", summary: BAD };
  const page = (/** @type {object} */ entry) => ({ cursor: "1", entries: [{ ...known, ...entry }] });
  assert.ok(await applyPage(phone.store, { ...page({ body, revisions: [first] }), reset: true }));
  await saveDraft(phone.store, {
    id: "m",
    kind: "meeting",
    unit_id: "u",
    base_rev: 1,
    updated_at: "1",
    body: { ...body, form: [["summary", `${BAD}, nói thêm`]] },
  });
  const revisions = [
    { ...first, redacted: true, body: { unit_id: "u", summary: GOOD } },
    { ...first, op_id: "second", rev: 2 },
  ];
  const newer = { rev: 2, body: { unit_id: "u", summary: "Viết lại từ đầu." }, revisions };
  assert.ok(await applyPage(phone.store, page(newer)));
  assert.ok(!(await everything(phone)).includes(NAME));
  assert.equal((await phone.store.get("drafts", "m")).body.form[0][1], `${GOOD}, nói thêm`);
});

test("a draft whose record is told anew, masked, after all was dropped", async (t) => {
  const phone = await createPhone(t);
  const first = { op_id: "first", rev: 1, made_at: "", received_at: "", receipt: "R", parallel: false };
  const body = { unit_id: "u", summary: BAD };
  const entry = { id: "m", unit_id: "u", author: { id: "officer-1" }, rev: 1, state: "submitted", body };
  const page = (/** @type {object} */ more) => applyPage(phone.store, { cursor: "1", ...more });
  assert.ok(await page({ entries: [{ ...entry, revisions: [first] }], reset: true }));
  const draft = {
    id: "m",
    kind: /** @type {const} */ ("meeting"),
    unit_id: "u",
    base_rev: 1,
    updated_at: "1",
  };
  await saveDraft(phone.store, { ...draft, body: { form: [["summary", `${BAD}, nói thêm`]] } });
  assert.ok(await page({ reset: true }));
  assert.equal(await phone.store.get("records", "m"), undefined);
  assert.ok(await page({ reset: true }), "and once more");
  const masked = { unit_id: "u", summary: GOOD };
  assert.ok(
    await page({
      entries: [{ ...entry, body: masked, revisions: [{ ...first, redacted: true, body: masked }] }],
    }),
  );
  assert.equal((await phone.store.get("drafts", "m")).body.form[0][1], `${GOOD}, nói thêm`);
  assert.ok(!(await everything(phone)).includes(NAME));
});

test("what was tried once keeps its letters until it is answered", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save({ body: { unit_id: "u", summary: BAD } });
  await phone.sync.run();
  const next = await phone.save({
    id: row.record_id,
    base_rev: 1,
    body: { unit_id: "u", summary: `${BAD}.` },
  });
  const [waiting] = (await unacknowledged(phone.store)).rows;
  assert.ok(waiting);
  await freeze(phone.store, [waiting], { device: "d", sign: async () => "mac" });
  await applyPage(phone.store, told(phone, row));
  const [frozen] = (await unacknowledged(phone.store)).rows;
  assert.equal(frozen?.op_id, next.op_id);
  assert.ok(frozen?.text?.includes(NAME));
});

test("an answer that comes after the news of its masking brings nothing back", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save({ body: { unit_id: "u", meeting_date: "2026-11-18", summary: BAD } });
  const { rows } = await unacknowledged(phone.store);
  await freeze(phone.store, rows, { device: "d", sign: async () => "mac" });
  await applyPage(phone.store, told(phone, row));
  const outcome = /** @type {const} */ ("duplicate");
  await acknowledge(phone.store, [{ op_id: row.op_id, outcome, code: "applied", message: "", receipt: "R" }]);
  assert.ok(!(await everything(phone)).includes(NAME));
  assert.equal((await phone.store.get("sent", row.op_id)).body.summary, GOOD);
});

test("a letter typed while the page is stored is kept, and masked once more", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save({ body: { unit_id: "u", summary: BAD } });
  await phone.sync.run();
  const draft = (/** @type {string} */ at, /** @type {string} */ summary) =>
    saveDraft(phone.store, {
      id: row.record_id,
      kind: "meeting",
      unit_id: "u",
      base_rev: 1,
      updated_at: at,
      body: { summary },
    });
  await draft("1", BAD);
  const write = phone.store.write;
  let first = true;
  phone.store.write = async (names, work) => {
    if (first && names.includes("records")) {
      first = false;
      await draft("2", `${BAD} rồi`);
    }
    return write(names, work);
  };
  assert.equal(await applyPage(phone.store, told(phone, row)), true);
  assert.equal((await phone.store.get("drafts", row.record_id)).body.summary, `${GOOD} rồi`);
});

test("what is held back is masked by what is told of it", async (t) => {
  const phone = await createPhone(t);
  const row = await phone.save({ body: { unit_id: "u", summary: BAD } });
  await phone.sync.run();
  const held = {
    op_id: row.op_id,
    record_id: row.record_id,
    receipt: "R",
    code: "closed",
    message: "",
    received_at: "",
    state: "waiting",
    note: "",
  };
  await applyPage(phone.store, {
    cursor: "3",
    quarantine: [{ ...held, body: { unit_id: "u", summary: GOOD } }],
  });
  assert.ok(!(await everything(phone)).includes(NAME));
});
