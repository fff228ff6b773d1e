// Báo nhanh: four questions about what has just happened, and what became of the flash reports of this phone.
import { readBody, restore, setValue, snapshot, textOf } from "../forms/body.js";
import { clearFault, faultsOf, showFaults } from "../forms/checks.js";
import { createKeeper } from "../forms/draft.js";
import { isSaid, openFlash } from "../forms/flash.js";
import { offerGroups } from "../forms/groups.js";
import { hintsOf } from "../forms/summary.js";
import { t } from "../messages.js";
import { saveAll } from "../offline/outbox.js";
import { isOwn } from "../offline/overview.js";
import { problem } from "../offline/problems.js";
import { flashViews, isOut } from "../offline/records.js";
import { nameOf } from "../offline/units.js";
import { moment } from "../ui/dates.js";
import { byId, copy, fill, fillList } from "../ui/fill.js";
import { toastIfUnseen } from "../ui/toast.js";
import { begin, keepShown, rowsWithGroups } from "./app.js";

const HOURS = 7;
const OFFSET = `+0${HOURS}:00`;
/** Only what nobody has acted on can be taken back. */
const MAY_WITHDRAW = ["waiting", "sent", "reported"];

/** As a field for day and time wants it, in Viet Nam. @param {number} now */
const wallClock = (now) => new Date(now + HOURS * 3_600_000).toISOString().slice(0, 16);

let saved = true;
const app = await begin({ isBusy: () => !saved });
const form = /** @type {HTMLFormElement} */ (byId("flash-form"));
form.noValidate = true;
if (app) {
  await keepShown(app.store, () => show(app));
  await open(app);
}

/** @param {import("./app.js").App} app */
async function open(app) {
  const { store } = app;
  const rows = await rowsWithGroups(app);
  const asked = new URLSearchParams(location.search);
  const { draft, hold } = openFlash(rows, asked);
  const from = flashViews({ ...rows, drafts: [] }).find((one) => one.id === asked.get("from"));
  const mine = rows.units.filter((unit) => unit.mine);
  offerGroups(/** @type {HTMLSelectElement} */ (form.elements.namedItem("unit_id")), rows.units);
  // The phone's clock may be wrong; what was last known of its error is not.
  const now = Date.now() + ((await store.meta("clock_offset")) ?? 0);
  setValue(form, "learned_at", wallClock(now));
  setValue(form, "unit_id", asked.get("group") ?? (mine.length === 1 ? mine[0]?.id : ""));
  for (const [name, value] of Object.entries(from?.body ?? {})) setValue(form, name, value);
  if (draft) restore(form, draft.body.form);
  byId("draft-kept").hidden = !draft;

  const keeper = createKeeper({
    store,
    hold,
    read: () =>
      saved
        ? null
        : {
            kind: "flash_report",
            base_rev: 0,
            unit_id: textOf(form, "unit_id"),
            updated_at: new Date().toISOString(),
            body: { ...readBody(form).meeting, form: snapshot(form) },
          },
    told(state, code = "") {
      if (state === "apart") {
        history.replaceState(history.state, "", `?draft=${hold.id}`); // loaded again, it is this one
        byId("apart").hidden = false;
        return toastIfUnseen(byId("apart"));
      }
      byId("kept").dataset.state = state;
      if (state === "kept") byId("kept").replaceChildren(copy("kept-words"));
      if (state === "failed") trouble(code);
    },
  });

  /** @param {string} code */
  function trouble(code) {
    const { message, action } = problem(code);
    fill(byId("flash-trouble"), { text: message, action }).hidden = false;
  }

  function hint() {
    const hints = hintsOf(form);
    byId("privacy-hints").hidden = !hints.length;
    fillList(byId("privacy-list"), "privacy-line", hints);
  }

  /** What has a channel of its own is not described here. It is a guess: it stops nobody. */
  async function hintElsewhere() {
    const { channelIn } = await import("./guide.js");
    const channel = channelIn(["what", "where", "needed"].map((name) => textOf(form, name)).join(". "));
    fill(byId("elsewhere-hint"), { channel: channel ?? "" }).hidden = !channel;
  }

  form.addEventListener("input", () => {
    saved = false;
    hint();
    hintElsewhere().catch(() => {}); // a hint can be done without
    keeper.touch();
  });
  form.addEventListener("change", ({ target }) => {
    const wrapper = /** @type {Element} */ (target).closest(".field-bad");
    if (wrapper) clearFault(wrapper);
  });
  document.addEventListener("visibilitychange", () => keeper.flush());
  window.addEventListener("pagehide", () => keeper.flush());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const first = showFaults(
      form,
      faultsOf(form, () => []),
    );
    if (first) return first.focus();
    const { learned_at, ...body } = readBody(form).meeting;
    const learned = learned_at && new Date(`${learned_at.slice(0, 16)}${OFFSET}`).toISOString();
    form.hidden = true;
    await keeper.stop();
    try {
      const report = {
        kind: /** @type {const} */ ("flash_report.save"),
        id: hold.form,
        base_rev: 0,
        settles: [],
        body,
      };
      const operation = learned ? { ...report, learned_at: learned } : report;
      if (isSaid(await app.rows(), body, learned)) await keeper.drop();
      else await saveAll(store, [operation], { draft: hold });
    } catch (error) {
      form.hidden = false;
      keeper.resume();
      keeper.touch();
      return trouble(/** @type {any} */ (error)?.code ?? "unavailable");
    }
    saved = true;
    byId("flash-saved").hidden = false;
    byId("flash-saved-title").focus();
    app.saved("urgent");
  });
  byId("flash-discard").addEventListener("click", async () => {
    saved = true;
    await keeper.drop();
    location.replace("/notebook/flash");
  });
  byId("flash-list").addEventListener("click", async ({ target }) => {
    const button = /** @type {Element} */ (target).closest("[data-withdraw]");
    if (!button) return;
    if (!button.hasAttribute("data-sure")) {
      button.setAttribute("data-sure", "");
      button.querySelector("span")?.replaceChildren(t("Bấm lần nữa để rút lại"));
      return;
    }
    const found = button.getAttribute("data-withdraw");
    const view = flashViews(await app.rows()).find((one) => one.id === found);
    if (!view || !MAY_WITHDRAW.includes(view.where)) return;
    const { id, rev: base_rev, settles } = view;
    const body = { reason: t("Báo nhầm.") };
    await saveAll(store, [{ kind: "flash_report.withdraw", id, base_rev, settles, body }]);
    app.saved("urgent");
  });
  form.hidden = false;
}

/** @param {Gandan.FlashView} view */
function openedText({ opened, where }) {
  if (opened)
    return t("{role}, {place} mở lúc {time}", {
      role: opened.role,
      place: opened.place,
      time: moment(opened.at),
    });
  return ["sent", "reported"].includes(where) ? t("Việc gấp thì gọi điện thêm.") : "";
}

/** @param {import("./app.js").App} app */
async function show({ person, rows: read }) {
  const rows = await read();
  const views = flashViews({ ...rows, drafts: [] });
  byId("flash-reports").hidden = !views.length;
  fillList(
    byId("flash-list"),
    "flash-row",
    views.map((view) => {
      const unit = rows.units.find((one) => one.id === view.unit_id);
      const own = isOwn(view, person.id);
      return {
        what: view.where === "redirected" ? t("Việc thuộc kênh khác, không ghi nội dung") : view.what,
        group: [
          unit ? nameOf(rows.units, unit) : t("Nơi này không còn trong danh sách"),
          own ? "" : t("Người báo: {name}", { name: view.author?.name ?? "" }),
        ]
          .filter(Boolean)
          .join(" · "),
        state: view.where,
        learned: view.learned && t("Biết lúc {time}", { time: moment(view.learned) }),
        recorded: view.recorded && t("Ghi lúc {time}", { time: moment(view.recorded) }),
        received: view.received
          ? t("Máy chủ nhận lúc {time}", { time: moment(view.received) })
          : t("Máy chủ chưa nhận"),
        opened: openedText(view),
        masked: view.redactions.length > 0,
        held: view.where === "quarantined" ? (view.held?.message ?? "") : "",
        receipt: view.receipt ? t("Mã biên nhận {code}", { code: view.receipt }) : "",
        again: own && ["quarantined", "dismissed"].includes(view.where),
        withdraw: own && !isOut(view) && !view.withdrawing && MAY_WITHDRAW.includes(view.where),
        asks: own && ["sent", "reported"].includes(view.where),
        id: view.id,
      };
    }),
  );
  for (const [place, row] of [...byId("flash-list").children].entries())
    row.querySelector("[data-withdraw]")?.setAttribute("data-withdraw", views[place]?.id ?? "");
}
