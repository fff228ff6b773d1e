// The line that is always visible: what has not been sent, and since when nothing was heard.
import { t } from "../messages.js";
import { ago } from "./dates.js";
import { copy, fill } from "./fill.js";

/** What the buttons of `_taps.html` are shown by. @param {Gandan.Tap | null | undefined} tap @param {number} unsent */
export const tapsOf = (tap, unsent) => ({
  ...Object.fromEntries(["send", "sign_in", "device", "update", "reload"].map((one) => [one, one === tap])),
  send_label: unsent ? t("Gửi ngay ({n})", { n: unsent }) : t("Thử lại"),
});

/** What is not on the server yet, in words; empty when all is. @param {Pick<Gandan.SyncState, "unsent" | "photos">} state */
export const unsentText = ({ unsent, photos: { waiting } }) =>
  unsent && waiting
    ? t("{n} phiếu, {photos} ảnh chưa gửi", { n: unsent, photos: waiting })
    : unsent
      ? t("{n} phiếu chưa gửi", { n: unsent })
      : waiting
        ? t("Còn {n} ảnh chưa gửi", { n: waiting })
        : "";

/** @param {Pick<Gandan.SyncState, "unsent" | "photos">} state */
export const unsentCount = ({ unsent, photos }) => unsent + photos.waiting;

/** @param {Gandan.SyncState} state @returns {{state: string, text: string, tap: Gandan.Tap | null}} */
export function statusOf({ unsent, photos, sending, lastContact, problem, storage }) {
  const waiting = unsentText({ unsent, photos });
  const tap = waiting ? "send" : null;
  const after = (/** @type {string} */ text) => (waiting ? `${waiting} · ${text}` : text);
  if (sending)
    return {
      state: "sending",
      text: unsent
        ? t("Đang gửi {n} phiếu", { n: unsent })
        : photos.waiting
          ? t("Đang gửi {n} ảnh", { n: photos.waiting })
          : t("Đang lấy tin mới"),
      tap: null,
    };
  if (problem?.code === "offline") return { state: "offline", text: after(t("chưa có mạng")), tap };
  if (problem) return { state: "attention", text: after(problem.message), tap: problem.tap };
  const calm = waiting || t("Đã gửi hết · liên lạc {ago}", { ago: ago(lastContact) });
  // Before the phone is full, not when a save has failed: wherever somebody may be writing.
  if (storage?.low) return { state: "attention", text: `${calm} · ${storage.message}`, tap: "device" };
  return { state: waiting ? "waiting" : "synced", text: calm, tap };
}

/** @param {Gandan.Sync} sync @param {() => void} sendNow */
export function wireStatusLine(sync, sendNow) {
  const line = document.getElementById("sync-status");
  if (!line) return;
  let shown = "";
  const show = () => {
    const state = sync.state();
    const said = statusOf(state);
    const count = unsentCount(state);
    const key = JSON.stringify([said, count]);
    if (key === shown) return; // a reader aloud should not hear the same again
    shown = key;
    line.dataset.state = said.state;
    const content = copy(`status-${said.state}`);
    line.replaceChildren(fill(content, { text: said.text, ...tapsOf(said.tap, count) }));
  };
  sync.subscribe(show);
  setInterval(() => shown && show(), 60_000);
  document.addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest?.("[data-send-now]")) sendNow();
  });
}
