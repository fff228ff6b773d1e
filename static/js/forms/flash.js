// Which flash report a form is opened with, and whether what it says has been reported already.
import { uuid7 } from "../offline/ids.js";
import { flashViews, inOrder, isOut } from "../offline/records.js";
import { same } from "./entry.js";

/**
 * Every form sends a report of its own: nothing is put over what another window has reported.
 * @param {import("../pages/app.js").Rows} rows @param {URLSearchParams} asked `draft` to go on with this one
 * @returns {{draft: Gandan.Draft | null, hold: Gandan.Hold & {form: string}}}
 */
export function openFlash(rows, asked) {
  const drafts = inOrder(rows.drafts.filter((one) => one.kind === "flash_report"));
  const draft = drafts.find((one) => one.id === asked.get("draft")) ?? drafts.at(-1) ?? null;
  const form = uuid7();
  return { draft, hold: { id: draft?.id ?? uuid7(), record_id: draft?.record_id, form, found: draft } };
}

/**
 * Another window may have reported the same, in the same words.
 * @param {Gandan.Rows} rows @param {Gandan.Body} body @param {string} learned
 */
export const isSaid = (rows, body, learned) =>
  flashViews({ ...rows, drafts: [] }).some(
    (view) =>
      !isOut(view) &&
      view.where !== "quarantined" &&
      Date.parse(view.learned) === Date.parse(learned) &&
      same(view.body ?? {}, body),
  );
