// What a phone's stores may hold of a meeting, row by row, for the modules that make views of it.
import assert from "node:assert/strict";
import { entryViews } from "../../../static/js/offline/records.js";

export const TODAY = "2026-11-22";

/** What was written. */
export const body = (/** @type {object} */ more = {}) => ({
  unit_id: "u",
  meeting_date: "2026-11-18",
  households_present: 27,
  ...more,
});

/** As the server tells it. @param {object} [more] @returns {Gandan.PulledRecord} */
export const record = (more = {}) => ({
  id: "m",
  kind: "meeting",
  unit_id: "u",
  author_id: "o",
  author: { id: "o", name: "An" },
  rev: 1,
  state: "submitted",
  meeting_date: "2026-11-18",
  status: "held",
  households_present: 27,
  receipt: "REC",
  received_at: "2026-11-18T12:00:00.000Z",
  body: body(),
  revisions: [{ rev: 1, made_at: "2026-11-18T11:00:00.000Z", parallel: false }],
  reviews: [],
  ...more,
});

let seq = 0;
/** As it waits in the outbox. @param {object} [more] @returns {any} */
export const row = (more = {}) => ({
  op_id: `op${++seq}`,
  record_id: "m",
  kind: "meeting.save",
  rev: 1,
  base_rev: 0,
  seq,
  made_at: "2026-11-18T11:00:00.000Z",
  body: body(),
  ...more,
});

/** As it was answered. @param {object} [more] @returns {any} */
export const sent = (more = {}) => row({ outcome: "applied", receipt: "SENT", message: "Đã nhận.", ...more });

/** A review that asks for a correction. */
export const returned = {
  id: "r1",
  rev: 1,
  decision: /** @type {const} */ ("returned"),
  text: "Xem lại.",
  by: "Mẫu",
  at: "2026-11-19T01:00:00.000Z",
  remarks: [{ field: "households_present", text: "Xem lại số hộ dự." }],
};

/** The only view there is of these rows. @param {import("../../../static/js/offline/records.js").Rows} rows */
export const one = (rows) => {
  const views = entryViews(rows);
  assert.equal(views.length, 1);
  return /** @type {Gandan.EntryView} */ (views[0]);
};

/** As the server says that it holds something back. @param {object} [more] @returns {Gandan.Held} */
export const held = (more = {}) => ({
  op_id: "held",
  record_id: "m",
  receipt: "Q",
  code: "not_authorised",
  message: "Chưa được phân công.",
  received_at: "2026-11-19T00:00:00.000Z",
  state: "waiting",
  note: "",
  ...more,
});

/** As the phone was told so when it sent it. */
export const refusal = (/** @type {object} */ more = {}) =>
  sent({
    op_id: "held",
    outcome: "quarantined",
    code: "not_authorised",
    received_at: "2026-11-19T00:00:00.000Z",
    ...more,
  });
