// One entry: what I wrote, where it is, what was said of it, and what I can do about it.
import { choiceOf } from "../forms/choice.js";
import { withdraw, withdrawalOf } from "../forms/withdrawal.js";
import { t } from "../messages.js";
import { saveAll } from "../offline/outbox.js";
import { authorText, isOwn, sameMonth } from "../offline/overview.js";
import { problem } from "../offline/problems.js";
import { entryViews, petitionViews, recordOf } from "../offline/records.js";
import { nameOf } from "../offline/units.js";
import { showSideBySide } from "../ui/compare.js";
import { day, moment } from "../ui/dates.js";
import { answersOf, showFacts } from "../ui/facts.js";
import { byId, copy, fill, fillList } from "../ui/fill.js";
import { showPhotos } from "../ui/photos.js";
import { toast } from "../ui/toast.js";
import { showTwins, twinText } from "../ui/twins.js";
import { begin, keepShown } from "./app.js";

const id = new URLSearchParams(location.search).get("id") ?? "";
/** What only another entry can mend: the record itself takes nothing more. */
const CLOSED = ["closed", "wrong_record"];
/** What is half written of the entry, as it was last told. @type {Gandan.Draft[]} */
let typed = [];
/** The revisions chosen to be compared, by operation. @type {string[]} */
let picked = [];
const app = await begin();
if (app) {
  wireWithdrawal(app);
  await keepShown(app.store, () => show(app));
}

/**
 * What is true of an entry in this place, in one sentence; only its author is asked to do something about it.
 * @param {Gandan.EntryView} view @param {boolean} mine @returns {string}
 */
function whereItIs({ where, receipt, received_at, withdrawing, pending }, mine) {
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
    returned: mine
      ? t("Được trả lại để bổ sung. Xem lời nhắn rồi bấm Sửa và gửi lại.")
      : t("Được trả lại để người ghi bổ sung."),
    quarantined: t("Máy chủ đang giữ lại, chưa ghi vào sổ."),
    dismissed: t("Không được ghi vào sổ."),
    parallel: mine
      ? t("Có hai bản khác nhau; chọn bản đúng ở dưới.")
      : t("Có hai bản khác nhau, chờ người ghi chọn bản đúng."),
    withdrawn: t("Đã rút lại."),
    locked: t("Đã khóa kỳ, không sửa được nữa."),
  };
  return [says[where] ?? "", pending && where !== "waiting" ? t("Còn bản chưa gửi.") : "", code]
    .filter(Boolean)
    .join(" ");
}

/** @param {import("./app.js").App} app */
async function show(app) {
  const { person } = app;
  const rows = await app.rows();
  const saved = { ...rows, drafts: [] };
  const views = entryViews(saved);
  const view = views.find((one) => one.id === id);
  typed = rows.drafts.filter((one) => recordOf(one) === id);
  const draft = typed.length > 0;
  byId("entry").hidden = !view;
  byId("entry-missing").hidden = Boolean(view);
  if (!view) return;
  const petitions = petitionViews(saved).filter((one) => one.meeting_id === id && one.body);
  const unit = rows.units.find((one) => one.id === view.unit_id);
  const mine = isOwn(view, person.id);
  const open = mine && !["withdrawn", "locked"].includes(view.where) && !view.withdrawing;
  const mends = open && Boolean(view.body) && !draft;
  fill(byId("entry"), {
    group: unit ? nameOf(rows.units, unit) : t("Nơi này không còn trong danh sách"),
    date: day(view.meeting_date),
    state: view.where,
    where: whereItIs(view, mine),
    author: authorText(view, ""),
    has_body: Boolean(view.body),
    no_body: !view.body,
    must_mend: mends && view.where === "returned",
    can_edit: mends && !["returned", "quarantined", "parallel"].includes(view.where),
    can_withdraw: open && view.where !== "accepted" && view.rev > 0,
    draft,
    taken_up: petitions.some((one) => one.taken_up),
    id,
  });
  const standing = petitions.filter((one) => one.where !== "withdrawn");
  if (view.body)
    showFacts(
      byId("facts"),
      view.body,
      standing.map((one) => one.body ?? {}),
    );
  const month = sameMonth(view.unit_id, view.meeting_date.slice(0, 7), views);
  const twins = month.some((one) => one.id === id) ? month : [];
  byId("twins").hidden = !twins.length;
  if (twins.length) fill(byId("twins"), { text: twinText(twins) });
  showTwins(byId("twin-list"), twins, id);
  showRedactions([view, ...petitions]);
  showHeld(view, standing, mends);
  showQuestions(app, view, petitions, mine && !view.withdrawing, draft);
  showReviews(view);
  showRevisions(view, petitions, rows.outbox);
  await showPhotos(byId("photos"), app.store, view.body?.photos ?? []);
}

/**
 * What the desk masked, so that whoever wrote it knows.
 * @param {(Gandan.EntryView | Gandan.PetitionView)[]} views the entry and its petitions
 */
function showRedactions(views) {
  const what = {
    person: t("Tên người, tên hộ"),
    number: t("Số giấy tờ, tài khoản, điện thoại"),
    life: t("Đời tư, sức khỏe, tín ngưỡng"),
    stance: t("Thái độ của một người, một hộ"),
    channel: t("Thuộc kênh khác"),
    secret: t("Nội dung mật"),
  };
  const done = views.flatMap((view) =>
    view.redactions.map(({ reason, by, at }) => ({
      what: what[reason] ?? reason,
      of: "title" in view ? t("Trong kiến nghị") : t("Trong phiếu"),
      by: `${by} · ${moment(at)}`,
    })),
  );
  byId("redacted").hidden = !done.length;
  fillList(byId("redacted-list"), "redacted-row", done);
}

/**
 * What the server holds back, or held back until lately: why, and the way out.
 * @param {Gandan.EntryView} view @param {Gandan.PetitionView[]} petitions @param {boolean} mends
 */
function showHeld({ held, where, body, receipt }, petitions, mends) {
  const troubled = petitions.filter((one) => one.held?.state === "waiting" && one.where === "quarantined");
  byId("held").hidden = !held && !troubled.length;
  const waits = where === "quarantined" || (!held && troubled.length > 0);
  const says = {
    waiting: waits ? t("Máy chủ đang giữ lại") : t("Bản giữ lại đang chờ bản sửa"),
    released: t("Bản bị giữ lại đã được ghi vào sổ"),
    dismissed: t("Bản bị giữ lại không được ghi vào sổ"),
    superseded: t("Bản bị giữ lại đã được thay bằng bản sau"),
  };
  const closed = CLOSED.includes(held?.code ?? "");
  const way = mends && (waits || where === "dismissed");
  fill(byId("held"), {
    title: says[held?.state ?? "waiting"],
    why: held?.state === "dismissed" ? held.note || held.message : (held?.message ?? ""),
    receipt: held?.receipt ? t("Biên nhận {code}.", { code: held.receipt }) : "",
    elsewhere: held?.state === "waiting" && !held.here,
    mend: way && !closed,
    anew: way && closed && Boolean(body),
    withdraw: way && !closed && Boolean(receipt),
    id,
  });
  fillList(
    byId("held-petitions"),
    "held-petition",
    troubled.map((one) => ({ title: one.title, why: one.held?.message ?? "" })),
  );
}

/** @param {Gandan.Version} version */
function nameOfVersion({ rev, standing }) {
  return standing ? t("Bản đang đứng ({n})", { n: rev }) : t("Bản kia ({n})", { n: rev });
}

/**
 * A record's versions in words.
 * @param {"meeting" | "petition"} kind @param {Gandan.Version[]} versions @param {Gandan.PetitionView[]} petitions
 */
function inWords(kind, versions, petitions) {
  const list = byId("facts").querySelector('[data-fact-list="petitions"] template');
  const skeleton = kind === "meeting" ? byId("facts") : document.createElement("div");
  if (kind === "petition" && list instanceof HTMLTemplateElement)
    skeleton.append(document.importNode(list.content, true));
  return versions.map(({ body, withdrawal }) => {
    const named = petitions
      .filter((one) => body?.petition_ids?.includes(one.id))
      .map((one) => one.body ?? {});
    const shown = kind === "petition" ? { urgency: "normal", level: "local", ...body } : (body ?? {});
    const answers = answersOf(skeleton, shown, named);
    return withdrawal
      ? [{ name: t("Rút lại"), text: body?.reason || "✓" }]
      : [{ name: t("Rút lại"), text: "" }, ...answers];
  });
}

/**
 * Which version stands? Asked of the entry, and of each of its petitions.
 * @param {import("./app.js").App} app @param {Gandan.EntryView} view @param {Gandan.PetitionView[]} petitions
 * @param {boolean} mayChoose @param {boolean} draft
 */
function showQuestions(app, view, petitions, mayChoose, draft) {
  /** @type {{kind: "meeting" | "petition", view: Gandan.View, title: string}[]} */
  const asked = [{ kind: /** @type {const} */ ("meeting"), view, title: "" }];
  for (const one of petitions) asked.push({ kind: "petition", view: one, title: one.title });
  const open = asked.filter((one) => one.view.where === "parallel");
  byId("question").hidden = !open.length;
  fill(byId("question"), { unsettled: open.some((one) => !one.view.settled) });
  byId("question-list").replaceChildren(
    ...open.map(({ kind, view, title }) => {
      const part = fill(copy("question-block"), { title });
      const versions = view.revisions.filter((one) => one.standing || one.undecided);
      const known = versions.filter((one) => one.body);
      const list = part.querySelector("[data-versions]");
      fillList(
        list,
        "version-row",
        versions.map((one) => ({
          name: nameOfVersion(one),
          meta: [one.author?.name ?? "", t("ghi {time}", { time: moment(one.made_at) })]
            .filter(Boolean)
            .join(" · "),
          no_body: !one.body,
          may_keep: mayChoose && view.settled && Boolean(one.body),
          edit: kind === "meeting" && mayChoose && view.settled && one.body && !one.withdrawal && !draft,
        })),
      );
      versions.forEach((version, place) => {
        const row = list?.children[place];
        row?.querySelector("[data-keep]")?.addEventListener("click", () => keep(app, kind, view, version));
        row
          ?.querySelector("[data-edit]")
          ?.setAttribute("href", `/notebook/record?id=${id}&version=${version.op_id}`);
      });
      const holder = part.querySelector("[data-compare]");
      if (holder && known.length > 1)
        showSideBySide(holder, known.map(nameOfVersion), inWords(kind, known, petitions));
      return part;
    }),
  );
}

/**
 * The author says that this version stands: it is saved again, in the knowledge of all others.
 * @param {import("./app.js").App} app @param {"meeting" | "petition"} kind
 * @param {Gandan.View} view @param {Gandan.Version} version
 */
async function keep({ store, saved }, kind, view, version) {
  await saveOrSay(
    () => saveAll(store, [choiceOf(kind, id, view, version)]).then(() => saved()),
    t("Đã chọn bản này. Máy tự gửi khi có mạng."),
  );
}

/** @param {() => Promise<unknown>} save @param {string} done */
async function saveOrSay(save, done) {
  try {
    await save();
    toast(done);
  } catch (error) {
    const { message, action } = problem(/** @type {any} */ (error)?.code ?? "unavailable");
    toast(`${message} ${action}`);
  }
}

/**
 * Every version, newest first; two whose words are on this phone can be laid side by side.
 * @param {Gandan.EntryView} view @param {Gandan.PetitionView[]} petitions @param {Gandan.Row[]} outbox
 */
function showRevisions(view, petitions, outbox) {
  /** @type {Gandan.Version[]} */
  const waiting = outbox
    .filter((row) => row.record_id === id)
    .map((row) => ({
      ...row,
      author: undefined,
      standing: false,
      undecided: false,
      withdrawal: row.kind.endsWith(".withdraw"),
    }));
  const versions = [...view.revisions, ...waiting].reverse();
  const known = versions.filter((one) => one.body);
  const nameOf = (/** @type {Gandan.Version} */ one) =>
    waiting.includes(one) ? t("Bản {n}, chưa gửi", { n: one.rev }) : t("Bản {n}", { n: one.rev });
  const list = byId("revision-list");
  fillList(
    list,
    "revision-row",
    versions.map((one) => ({
      name: nameOf(one),
      meta: [
        one.author?.name ?? "",
        t("ghi {time}", { time: moment(one.made_at) }),
        one.receipt ? t("biên nhận {code}", { code: one.receipt }) : "",
      ]
        .filter(Boolean)
        .join(" · "),
      parallel: Boolean(one.parallel),
      withdrawal: Boolean(one.withdrawal),
      comparable: known.length > 1 && Boolean(one.body),
    })),
  );
  const compare = () => {
    const chosen = known.filter((one) => picked.includes(one.op_id ?? ""));
    byId("compared").replaceChildren();
    if (chosen.length === 2)
      showSideBySide(byId("compared"), chosen.map(nameOf), inWords("meeting", chosen, petitions));
  };
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (list.querySelectorAll("[data-pick]"));
  boxes.forEach((box, place) => {
    const op = versions[place]?.op_id ?? "";
    box.checked = picked.includes(op);
    box.addEventListener("change", () => {
      // A third takes the place of the one chosen first.
      picked = [...picked.filter((one) => one !== op), ...(box.checked ? [op] : [])].slice(-2);
      boxes.forEach((one, at) => {
        one.checked = picked.includes(versions[at]?.op_id ?? "");
      });
      compare();
    });
  });
  compare();
  byId("revisions").hidden = !versions.length;
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
function wireWithdrawal({ store, rows: read, saved }) {
  const form = /** @type {HTMLFormElement} */ (byId("withdraw-form"));
  document
    .querySelector('a[href="#withdraw"]')
    ?.addEventListener("click", () => byId("withdraw").setAttribute("open", ""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("reason"));
    const reason = field.value.normalize("NFC").trim();
    const enough = [...reason].length >= 3;
    byId("reason-missing").hidden = enough;
    if (!enough) return field.focus();
    const told = typed;
    const operations = withdrawalOf(await read(), id, reason);
    if (!operations.length) return;
    await saveOrSay(async () => {
      await withdraw(store, operations, told);
      field.value = "";
      saved();
    }, t("Đã lưu lời rút lại trên máy."));
  });
}
