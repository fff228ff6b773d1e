// The answers owed to this group, ticked as told; the row says what the group thinks of each.
import { owedTo } from "../offline/agenda.js";
import { petitionViews } from "../offline/records.js";
import { textOf } from "./body.js";
import { createTicks } from "./ticks.js";

/**
 * @param {HTMLFormElement} form @param {import("../pages/app.js").Rows} rows
 * @param {{id: string, views: Gandan.EntryView[]}} entry what the other entries say was told is not owed any more
 */
export function createAnswers(form, rows, { id, views }) {
  const petitions = petitionViews({ ...rows, drafts: [] });
  const others = views.filter((one) => one.id !== id);
  const owed = (/** @type {string} */ unitId) =>
    owedTo(unitId, petitions, others).map((one) => ({
      ...one,
      answer: /** @type {Gandan.Answer} */ (one.answer),
    }));
  return createTicks(form, {
    list: "feedback_given",
    key: "petition_id",
    words: "said",
    section: "owed",
    due: (unitId) => (textOf(form, "status") === "not_held" ? [] : owed(unitId)),
    row: ({ id: petition, title, answer }) => ({ petition_id: petition, answer_id: answer.id, text: title }),
    line: ({ title, answer }) => ({ title, text: answer.text }),
  });
}
