// One entry: what I wrote, where it is, what was said of it, and what I can do about it.
import { nameOf } from "../forms/groups.js";
import { t } from "../messages.js";
import { saveAll } from "../offline/outbox.js";
import { problem } from "../offline/problems.js";
import { entryViews, petitionViews } from "../offline/records.js";
import { day, moment } from "../ui/dates.js";
import { showFacts } from "../ui/facts.js";
import { byId, copy, fill, fillList } from "../ui/fill.js";
import { toast } from "../ui/toast.js";
import { begin, keepShown, readRows } from "./app.js";

const id = new URLSearchParams(location.search).get("id") ?? "";
const app = await begin();
if (app) {
  wireWithdrawal(app);
  await keepShown(app.store, () => show(app));
}

/** What is true of an entry in this place, in one sentence. @param {Gandan.EntryView} view @returns {string} */
function whereItIs({ where, receipt, received_at, message, withdrawing, pending }) {
  const code = receipt
    ? t("Mã biên nhận {code}, nhận lúc {time}.", { code: receipt, time: moment(received_at) })
    : "";
  /** @type {Partial<Record<Gandan.Where, string>>} */
  const says = {
    draft: t("Có bản sửa đang ghi dở trên máy này."),
    waiting: withdrawing
      ? t("Lời rút lại còn nằm trên máy này, chưa gửi.")
      : t("Còn nằm trên máy này, chưa gửi."),
    sent: t("Máy chủ đã nhận."),
    submitted: t("Máy chủ đã nhận, đang chờ rà soát."),
    accepted: t("Đã được ghi nhận."),
    returned: t("Được trả lại để bổ sung. Xem lời nhắn rồi bấm Sửa và gửi lại."),
    quarantined: t("Máy chủ đang giữ lại: {why}", { why: message ?? "" }),
    parallel: t("Có hai bản khác nhau. Mở bản đang đứng, sửa cho đúng rồi gửi lại."),
    withdrawn: t("Đã rút lại."),
    locked: t("Đã khóa kỳ, không sửa được nữa."),
  };
  return [says[where] ?? "", pending && where !== "waiting" ? t("Còn bản chưa gửi.") : "", code]
    .filter(Boolean)
    .join(" ");
}

/** @param {import("./app.js").App} app */
async function show({ store, person }) {
  const rows = await readRows(store);
  const saved = { ...rows, drafts: [] };
  const view = entryViews(saved).find((one) => one.id === id);
  const draft = rows.drafts.some((one) => one.id === id);
  byId("entry").hidden = !view;
  byId("entry-missing").hidden = Boolean(view);
  if (!view) return;
  const unit = rows.units.find((one) => one.id === view.unit_id);
  const mine = !view.author || view.author.id === person.id;
  const open = mine && !["withdrawn", "locked"].includes(view.where) && !view.withdrawing;
  const toMend = ["returned", "quarantined", "parallel"].includes(view.where);
  fill(byId("entry"), {
    group: unit ? nameOf(rows.units, unit) : t("Tổ không còn trong danh sách"),
    date: day(view.meeting_date),
    state: view.where,
    where: whereItIs(view),
    author: view.author ? t("Người ghi: {name}", { name: view.author.name }) : "",
    has_body: Boolean(view.body),
    no_body: !view.body,
    must_mend: open && Boolean(view.body) && toMend && !draft,
    can_edit: open && Boolean(view.body) && !toMend && !draft,
    can_withdraw: open && view.where !== "accepted" && view.rev > 0,
    draft,
    id,
  });
  const petitions = petitionViews(saved).filter(
    (one) => one.meeting_id === id && one.where !== "withdrawn" && one.body,
  );
  if (view.body)
    showFacts(
      byId("facts"),
      view.body,
      petitions.map((one) => one.body ?? {}),
    );
  showReviews(view);
  fillList(
    byId("revision-list"),
    "revision-row",
    [...view.revisions].reverse().map((one) => ({
      name: t("Bản {n}", { n: one.rev }),
      meta: [
        t("ghi {time}", { time: moment(one.made_at) }),
        one.receipt ? t("biên nhận {code}", { code: one.receipt }) : "",
      ]
        .filter(Boolean)
        .join(" · "),
      parallel: Boolean(one.parallel),
    })),
  );
  byId("revisions").hidden = !view.revisions.length;
}

/** @param {Gandan.EntryView} view */
function showReviews(view) {
  fillList(
    byId("review-list"),
    "review-row",
    [...view.reviews].reverse().map(({ decision, text, by, at, remarks }) => ({
      state: decision === "comment" ? "submitted" : decision,
      comment: decision === "comment",
      chip: decision !== "comment",
      text: [text, ...remarks.map((one) => `• ${labelOf(one.field)}: ${one.text}`)]
        .filter(Boolean)
        .join("\n"),
      by: `${by} · ${moment(at)}`,
    })),
  );
  byId("reviews").hidden = !view.reviews.length;
  for (const old of document.querySelectorAll("#facts [data-remark]")) old.remove();
  for (const { field, text } of view.remarks) {
    const place = factOf(field);
    if (!place) continue;
    place.hidden = false;
    const remark = fill(copy("remark-template"), { text });
    if (place.matches("dl")) place.after(remark);
    else (place.querySelector(":scope > dd") ?? place).append(remark);
  }
}

/** @param {string} field a key of the body, or `opinions.0.text` @returns {HTMLElement | null} */
function factOf(field) {
  const [name = "", index] = field.split(".");
  const list = document.querySelector(`#facts [data-fact-list="${CSS.escape(name)}"]`);
  if (list)
    return /** @type {HTMLElement} */ (list.querySelectorAll("[data-rows] > dl")[Number(index)] ?? list);
  return document.querySelector(`#facts [data-fact="${CSS.escape(name)}"]`);
}

/** @param {string} field */
function labelOf(field) {
  const place = factOf(field);
  const list = place?.closest("[data-fact-list]");
  return (list ? list.querySelector("h3") : place?.querySelector("dt"))?.textContent ?? field;
}

/** @param {import("./app.js").App} app */
function wireWithdrawal({ store, saved }) {
  const form = /** @type {HTMLFormElement} */ (byId("withdraw-form"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("reason"));
    const reason = field.value.normalize("NFC").trim();
    const enough = [...reason].length >= 3;
    byId("reason-missing").hidden = enough;
    if (!enough) return field.focus();
    const rows = await readRows(store);
    const all = { ...rows, drafts: [] };
    const view = entryViews(all).find((one) => one.id === id);
    if (!view) return;
    /** @type {Gandan.Operation[]} */
    const operations = [{ kind: "meeting.withdraw", id, base_rev: view.rev, body: { reason } }];
    for (const one of petitionViews(all)) {
      if (one.meeting_id !== id || one.where === "withdrawn" || one.withdrawing) continue;
      operations.push({ kind: "petition.withdraw", id: one.id, base_rev: one.rev, body: { reason } });
    }
    try {
      await saveAll(store, operations, { draftId: id });
      field.value = "";
      toast(t("Đã lưu lời rút lại trên máy."));
      saved();
    } catch (error) {
      const { message, action } = problem(/** @type {any} */ (error)?.code ?? "unavailable");
      toast(`${message} ${action}`);
    }
  });
}
