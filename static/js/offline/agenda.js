// What a group is to hear at its next meeting, from what the phone holds: the answers owed to it, what is still open,
// what was agreed. Pure functions.
import { isOut } from "./records.js";

/** There is an answer, and the group does not know it. */
const ANSWERED = ["answered", "resolved", "declined"];
/** Nothing more is to come: the group was told, or the matter went elsewhere. */
const OVER = ["fed_back", "closed", "redirected", "withdrawn", "dismissed", "draft"];

/** @param {Gandan.PetitionView} petition */
const hasAnswer = ({ where, answer }) => Boolean(answer) && ANSWERED.includes(where);

/**
 * Whether an entry on this phone, sent or not, says that the group was told this very answer.
 * @param {Gandan.PetitionView} petition @param {Gandan.EntryView[]} views
 */
const wasTold = ({ answer }, views) =>
  views.some(
    (one) =>
      one.where !== "draft" &&
      one.status === "held" &&
      !isOut(one) &&
      one.body?.feedback_given?.some((/** @type {Gandan.Body} */ row) => row.answer_id === answer?.id),
  );

/**
 * The petitions whose answer is to be brought back to a group, the oldest answer first.
 * @param {string} unitId @param {Gandan.PetitionView[]} petitions @param {Gandan.EntryView[]} views
 */
export const owedTo = (unitId, petitions, views) =>
  petitions
    .filter((one) => one.unit_id === unitId && hasAnswer(one) && !wasTold(one, views))
    .sort((a, b) => ((a.answer?.at ?? "") < (b.answer?.at ?? "") ? -1 : 1));

/**
 * The petitions of a group that wait for an answer; in a state this phone does not know, too.
 * @param {string} unitId @param {Gandan.PetitionView[]} petitions
 */
export const openOf = (unitId, petitions) =>
  petitions
    .filter((one) => one.unit_id === unitId && one.title && !hasAnswer(one) && !OVER.includes(one.where))
    .sort((a, b) => ((a.due || "9") < (b.due || "9") ? -1 : 1));

/** The group's last meeting before a day. @param {string} unitId @param {Gandan.EntryView[]} views @param {string} today */
export const lastHeld = (unitId, views, today) =>
  views.find(
    (one) =>
      one.unit_id === unitId &&
      one.status === "held" &&
      one.where !== "draft" &&
      !isOut(one) &&
      one.meeting_date <= today,
  ) ?? null;
