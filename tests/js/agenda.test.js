// What a group is owed and still waits for, and its last meeting.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lastHeld, openOf, owedTo } from "../../static/js/offline/agenda.js";
import { petitionViews } from "../../static/js/offline/records.js";

const answer = { id: "a1", kind: "resolve", text: "Đã nạo vét.", evidence: "Biên bản", at: "2026-11-01" };

/** @param {object} said @returns {any} */
const petition = (said) => ({
  id: "p",
  unit_id: "g1",
  where: "resolved",
  title: "Nạo vét mương",
  answer,
  owner: "",
  due: "",
  ...said,
});

/** @param {object} said @returns {any} */
const entry = (said) => ({
  id: "e",
  unit_id: "g1",
  where: "submitted",
  status: "held",
  meeting_date: "2026-11-18",
  body: { feedback_given: [{ text: "Nạo vét mương", petition_id: "p", answer_id: "a1" }] },
  ...said,
});

test("owed is what was answered and not told, whatever the answer, the oldest first", () => {
  for (const where of ["answered", "resolved", "declined"])
    assert.equal(owedTo("g1", [petition({ where })], []).length, 1);
  for (const where of ["raised", "in_progress", "fed_back", "closed", "reopened", "withdrawn", "redirected"])
    assert.equal(owedTo("g1", [petition({ where })], []).length, 0);
  assert.equal(owedTo("g2", [petition({})], []).length, 0);
  assert.equal(owedTo("g1", [petition({ answer: null })], []).length, 0);
  const older = petition({ id: "q", answer: { ...answer, id: "a0", at: "2026-10-01" } });
  assert.deepEqual(
    owedTo("g1", [petition({}), older], []).map(({ id }) => id),
    ["q", "p"],
  );
});

test("an entry that says it was told settles it on this phone, before the server has heard", () => {
  for (const where of ["waiting", "sent", "submitted", "accepted", "quarantined"])
    assert.equal(owedTo("g1", [petition({})], [entry({ where })]).length, 0);
  for (const where of ["draft", "withdrawn", "dismissed"])
    assert.equal(owedTo("g1", [petition({})], [entry({ where })]).length, 1);
  assert.equal(owedTo("g1", [petition({})], [entry({ status: "not_held" })]).length, 1);
  assert.equal(owedTo("g1", [petition({})], [entry({ body: null })]).length, 1);
});

test("another answer than the one that was told is owed again", () => {
  const anew = petition({ where: "declined", answer: { ...answer, id: "a2" } });
  assert.equal(owedTo("g1", [anew], [entry({})]).length, 1);
});

test("open is what waits for an answer, also what waits on the phone or is in a state to come", () => {
  for (const where of ["waiting", "sent", "raised", "assigned", "on_hold", "reopened", "merged", "invented"])
    assert.equal(openOf("g1", [petition({ where, answer: null })]).length, 1, where);
  for (const where of ["draft", "withdrawn", "dismissed", "redirected", "fed_back", "closed", "resolved"])
    assert.equal(openOf("g1", [petition({ where })]).length, 0, where);
  assert.equal(openOf("g2", [petition({ where: "raised" })]).length, 0);
});

test("what is promised soonest comes first, what has no day last", () => {
  const list = [
    petition({ id: "none", where: "raised" }),
    petition({ id: "late", where: "assigned", due: "2026-12-20" }),
    petition({ id: "soon", where: "assigned", due: "2026-12-01" }),
  ];
  assert.deepEqual(
    openOf("g1", list).map(({ id }) => id),
    ["soon", "late", "none"],
  );
});

test("the last meeting was held, is no draft and is over", () => {
  const views = [
    entry({ id: "future", meeting_date: "2026-12-24" }),
    entry({ id: "draft", where: "draft" }),
    entry({ id: "not", status: "not_held" }),
    entry({ id: "other", unit_id: "g2" }),
    entry({ id: "right" }),
    entry({ id: "older", meeting_date: "2026-10-18" }),
  ];
  assert.equal(lastHeld("g1", views, "2026-11-22")?.id, "right");
  assert.equal(lastHeld("g3", views, "2026-11-22"), null);
});

test("the view of a petition carries what the pull told of it", () => {
  const record = {
    id: "p",
    kind: "petition",
    unit_id: "g1",
    rev: 1,
    state: "resolved",
    body: { unit_id: "g1" },
  };
  /** @type {any} */
  const rows = { records: [{ ...record, answer, owner: "Ấp 3", due: "2026-12-01" }] };
  const [view] = petitionViews(rows);
  assert.deepEqual(
    [view?.where, view?.answer, view?.owner, view?.due],
    ["resolved", answer, "Ấp 3", "2026-12-01"],
  );
  rows.records = [record];
  assert.deepEqual([petitionViews(rows)[0]?.answer, petitionViews(rows)[0]?.owner], [null, ""]);
});
