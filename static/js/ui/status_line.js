// The line that is always visible: what has not been sent, and since when nothing was heard.
import { t } from "../messages.js";
import { ago } from "./dates.js";
import { copy, fill } from "./fill.js";

/** Problems about which the person can do something here. @type {Record<string, string>} */
const LINKS = { sign_in_required: "sign_in", wrong_person: "sign_in" };

/**
 * @param {Gandan.SyncState} state
 * @returns {{state: string, text: string, action: "send" | "sign_in" | null}}
 */
export function statusOf({ unsent, sending, lastContact, problem }) {
  const waiting = unsent ? t("{n} phiếu chưa gửi", { n: unsent }) : "";
  if (sending)
    return {
      state: "sending",
      text: unsent ? t("Đang gửi {n} phiếu", { n: unsent }) : t("Đang lấy tin mới"),
      action: null,
    };
  if (problem && problem.code !== "offline") {
    const link = LINKS[problem.code] ? "sign_in" : unsent ? "send" : null;
    return { state: "attention", text: [waiting, problem.message].filter(Boolean).join(" · "), action: link };
  }
  if (problem)
    return {
      state: "offline",
      text: [waiting, t("chưa có mạng")].filter(Boolean).join(" · "),
      action: unsent ? "send" : null,
    };
  if (unsent) return { state: "waiting", text: waiting, action: "send" };
  return { state: "synced", text: t("Đã gửi hết · liên lạc {ago}", { ago: ago(lastContact) }), action: null };
}

/** @param {Gandan.Sync} sync @param {() => void} sendNow */
export function wireStatusLine(sync, sendNow) {
  const line = document.getElementById("sync-status");
  if (!line) return;
  let shown = "";
  const show = () => {
    const state = sync.state();
    const said = statusOf(state);
    const key = JSON.stringify([said, state.unsent]);
    if (key === shown) return; // a reader aloud should not hear the same again
    shown = key;
    line.dataset.state = said.state;
    const content = fill(copy(`status-${said.state}`), {
      text: said.text,
      send: said.action === "send",
      sign_in: said.action === "sign_in",
      send_label: t("Gửi ngay ({n})", { n: state.unsent }),
    });
    line.replaceChildren(content);
  };
  sync.subscribe(show);
  setInterval(show, 60_000);
  document.addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest?.("[data-send-now]")) sendNow();
  });
}
