// The form of a meeting: opened where it was left, kept at every keystroke, handed to the outbox.
import { createAnswers } from "../forms/answers.js";
import { readBody, restore, setValue, snapshot, textOf } from "../forms/body.js";
import { createBulletins } from "../forms/bulletins.js";
import { clearFault, faultsOf, isInFuture, showFaults } from "../forms/checks.js";
import { applyConditions } from "../forms/conditional.js";
import { createKeeper } from "../forms/draft.js";
import { namePetitions, openEntry, operationsOf } from "../forms/entry.js";
import { createGroups } from "../forms/groups.js";
import { receive } from "../forms/outbox_extension.js";
import { wirePhotos } from "../forms/photos.js";
import { addRow, repeaterOf, wireRepeaters } from "../forms/repeater.js";
import { wireSteppers } from "../forms/stepper.js";
import { createSteps } from "../forms/steps.js";
import { hintsOf, linesOf } from "../forms/summary.js";
import { lockTakenUp } from "../forms/taken_up.js";
import { t } from "../messages.js";
import { saveAll } from "../offline/outbox.js";
import { problem } from "../offline/problems.js";
import { today } from "../ui/dates.js";
import { byId, copy, fill, fillList } from "../ui/fill.js";
import { toastIfUnseen } from "../ui/toast.js";
import { begin, isUsable, rowsWithGroups, showTrouble } from "./app.js";

/** Fields whose default is worth a line before saving. */
const ALWAYS_SAID = ["status", "households_present", "households_total", "place", "start", "end"];

let saved = false;
const app = await begin({ isBusy: () => !saved });
const form = /** @type {HTMLFormElement} */ (byId("record-form"));
form.noValidate = true;
try {
  if (app) await open(app);
} catch (error) {
  // Half a form would lose what is typed into it.
  form.remove();
  showTrouble(error);
  throw error;
}

/** @param {import("./app.js").App} app */
async function open(app) {
  const { store, saved: send } = app;
  const rows = await rowsWithGroups(app);
  const opened = openEntry(rows, new URLSearchParams(location.search));
  if (!opened) {
    byId("opening").replaceWith(copy("gone-notice"));
    return;
  }
  const { id, base_rev, hold } = opened;
  const notices = byId("form-notices");
  const tell = (/** @type {Node} */ notice) => {
    notices.append(notice);
    notices.hidden = false;
    toastIfUnseen(/** @type {Element} */ (notices.lastElementChild));
  };
  const groups = createGroups(form, rows, { ...opened, isNew: opened.mayMove });
  setValue(form, "id", id);
  setValue(form, "base_rev", base_rev);
  for (const list of ["conveyed"]) if (!opened.isEdit) addRow(form, list);
  if (opened.draft?.body.form) restore(form, opened.draft.body.form);
  else opened.fillIn(form, today());
  groups.show(opened.unitId);
  lockTakenUp(form, opened);
  const ticks = [createBulletins(form, rows), createAnswers(form, rows, opened)];
  for (const one of ticks) one.show();

  /** Somebody said something: until then nothing is worth keeping. */
  let touched = false;
  let first = Number(opened.draft?.body.step ?? 1);
  const keeper = createKeeper({ store, hold, read: () => (saved ? null : draft()), told });
  const steps = createSteps(form, {
    moved,
    // Where there was no meeting, little is left to say.
    next: (step) => (step === 1 && readBody(form).meeting.status === "not_held" ? 4 : step + 1),
  });

  function draft() {
    namePetitions(form);
    const { meeting } = readBody(form);
    return {
      kind: /** @type {const} */ ("meeting"),
      base_rev,
      unit_id: textOf(form, "unit_id"),
      updated_at: new Date().toISOString(),
      body: {
        ...meeting,
        form: snapshot(form),
        step: steps.now(),
        seen: opened?.seen,
        settles: opened?.settles,
        known: opened?.petitions,
      },
      photos: (meeting.photos ?? []).map((/** @type {Gandan.Body} */ one) => one.sha256),
    };
  }

  /** "Đã giữ" is shown only while it is true of the last letter. @param {"writing" | "kept" | "apart" | "failed"} state @param {string} [code] */
  function told(state, code = "") {
    if (state === "apart") {
      history.replaceState(history.state, "", `?draft=${hold.id}`); // loaded again, it is this one
      return tell(copy("apart-notice"));
    }
    byId("kept").dataset.state = state;
    if (state === "writing") return;
    notices.querySelector("[data-trouble]")?.remove();
    if (!byId("kept").childElementCount || state !== "kept") {
      byId("kept").replaceChildren(...(state === "kept" ? [copy("kept-words")] : []));
    }
    if (state === "kept") return;
    const { message, action } = problem(code);
    tell(fill(copy("trouble-notice"), { text: message, action }));
  }

  /** @param {number} step */
  function moved(step) {
    const last = step === 4;
    const [back, next] = form.querySelectorAll(".action-bar [data-go]");
    /** @type {HTMLElement} */ (back).hidden = step === 1;
    /** @type {HTMLElement} */ (next).hidden = last;
    byId("finish").hidden = !last;
    if (last) showSummary();
    if (step !== first) notices.querySelector("[data-draft]")?.remove();
    first = 0;
    if (touched) keeper.touch();
  }

  function showSummary() {
    const lines = linesOf(form, (field) => ALWAYS_SAID.includes(field.name));
    const named = lines.map(({ name, value, group }) => ({
      name: [group, name].filter(Boolean).join(": "),
      value,
    }));
    const photos = readBody(form).meeting.photos?.length ?? 0;
    if (photos) named.push({ name: t("Ảnh nơi họp, công trình"), value: String(photos) });
    fillList(byId("summary-list"), "summary-line", named);
    const hints = hintsOf(form);
    byId("privacy-hints").hidden = !hints.length;
    fillList(byId("privacy-list"), "privacy-line", hints);
  }

  function changed() {
    applyConditions(form);
    for (const one of ticks) one.show();
    photos.show();
    if (steps.now() === 4) showSummary();
    byId("future-date").hidden = !isInFuture(form, today());
    touch();
  }

  function touch() {
    touched = true;
    keeper.touch();
  }

  form.addEventListener("input", touch);
  form.addEventListener("change", (event) => {
    const field = /** @type {HTMLElement} */ (event.target);
    const wrapper = field.closest(".field-bad");
    if (wrapper) clearFault(wrapper);
    const name = field.getAttribute("name");
    if (name === "unit_id") groups.chosen();
    if (name === "meeting_date") groups.dated();
    changed();
  });
  // Enter must not send half a form; on Android it may come while a word is still being composed.
  form.addEventListener("keydown", (event) => {
    const inLine = /** @type {Element} */ (event.target).matches("input:not([type=radio], [type=checkbox])");
    if (event.key === "Enter" && inLine && !event.isComposing) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => keeper.flush());
  window.addEventListener("pagehide", () => keeper.flush());
  const photos = wirePhotos(form, { store, changed, flush: () => keeper.flush() });
  wireRepeaters(form, changed);
  byId("ask-guide").addEventListener("click", async () => {
    (await import("./guide.js")).openGuide(form, store);
  });
  wireSteppers(form);
  function wireNotice() {
    const draft = opened?.draft;
    if (!draft) return;
    const text = t("Phiếu đang ghi dở, mở lại đúng chỗ cũ.");
    tell(fill(copy("draft-notice"), { text, fresh: !opened.isEdit }));
    const button = notices.querySelector("[data-discard]");
    button?.addEventListener("click", async () => {
      if (!button.hasAttribute("data-sure")) {
        button.setAttribute("data-sure", "");
        button.querySelector("span")?.replaceChildren(t("Bấm lần nữa để bỏ hẳn"));
        return;
      }
      saved = true;
      await keeper.drop();
      location.replace(opened.isEdit ? `/notebook/entry?id=${id}` : "/notebook/");
    });
  }

  /** What the desk asked for stands at its field. */
  function showRemarks() {
    const remarks = opened?.remarks ?? [];
    if (remarks.length) tell(copy("returned-notice"));
    for (const { field: path, text } of remarks) {
      const name = path.replaceAll(".", "-");
      const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
      const place = field?.closest(".field") ?? repeaterOf(form, name);
      const remark = fill(copy("remark-template"), { text });
      if (place) place.prepend(remark);
      else tell(remark);
    }
  }

  /** @param {Gandan.Problem} why @returns {import("../forms/outbox_extension.js").Answer} */
  const failure = ({ message, action }) => ({
    template: "failed-fragment",
    fill: (part) => fill(part, { text: message, action }),
    status: 422,
  });

  document.addEventListener("htmx:after:swap", () => {
    form.hidden = saved;
    /** @type {HTMLElement | null} */ (byId("record-result").querySelector("[data-focus]"))?.focus();
  });
  wireNotice();
  showRemarks();
  applyConditions(form);
  steps.show(first, { focus: false, remember: false });
  touched = Boolean(opened.draft);
  byId("opening").hidden = true;
  form.hidden = false;
  byId("notebook").setAttribute("aria-busy", "false");
  receive({
    form,
    failed: (error) => told("failed", error.code),
    check() {
      if (steps.now() < 4) {
        steps.next();
        return false;
      }
      const first = showFaults(form, faultsOf(form));
      if (!first) return true;
      steps.reveal(first);
      first.scrollIntoView({ block: "center" });
      first.focus({ preventScroll: true });
      return false;
    },
    async save() {
      form.hidden = true; // while the disk works the page is made ready to say so
      const refused = await photos.settled(); // a picture may still be on its way into the form
      if (refused) {
        form.hidden = false;
        return failure(refused);
      }
      await keeper.stop();
      try {
        await saveAll(store, operationsOf(form, opened), { draft: hold });
      } catch (error) {
        form.hidden = false;
        keeper.resume();
        keeper.touch();
        return failure(problem(/** @type {any} */ (error)?.code ?? "unavailable"));
      }
      saved = true;
      setTimeout(send, 50); // said first, then sent
      return { template: "saved-fragment", fill: (part) => fill(part, { id }) };
    },
  });
  isUsable();
}
