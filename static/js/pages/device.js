// Máy này: what this phone holds, what it has heard, who uses it.
import { t } from "../messages.js";
import { registry } from "../offline/database.js";
import { signOut } from "../offline/session.js";
import { ago, moment } from "../ui/dates.js";
import { byId, fill, fillList } from "../ui/fill.js";
import { wireRescueCard } from "../ui/rescue_card.js";
import { unsentCount, unsentText } from "../ui/status_line.js";
import { begin, keepShown } from "./app.js";

const MEGABYTE = 2 ** 20;
const DIARY_SHOWN = 60;
const app = await begin();
if (app) {
  wireSignOut(app);
  wireRescueCard(app.store, app.sync);
  app.sync.subscribe((state) => {
    const { lastContact, problem, storage } = state;
    const unsent = unsentCount(state);
    fill(byId("device-state"), {
      unsent: unsentText(state) || t("Không còn phiếu nào chưa gửi"),
      contact: t("Liên lạc lần cuối: {ago}", { ago: ago(lastContact) }),
      has_problem: Boolean(problem),
      problem: problem?.message ?? "",
      action: problem?.action ?? "",
      send_label: unsent ? t("Gửi ngay ({n})", { n: unsent }) : t("Lấy tin mới"),
    });
    if (!storage) return;
    const { usage, quota } = storage;
    fill(byId("storage"), {
      storage: storage.message,
      storage_action: storage.action,
      usage:
        usage === null
          ? ""
          : t("Đã dùng {n} MB", { n: Math.ceil(usage / MEGABYTE) }) +
            (quota ? t(" trong {all} MB", { all: Math.floor(quota / MEGABYTE) }) : ""),
    });
  });
  await keepShown(app.store, () => show(app));
}

/** @param {import("./app.js").App} app */
async function show({ store, person }) {
  const [drafts, diary, people] = await Promise.all([
    store.count("drafts"),
    store.all("diary"),
    registry.people(),
  ]);
  fill(byId("storage"), { drafts: drafts ? t("{n} phiếu đang ghi dở", { n: drafts }) : "" });
  fill(byId("person"), { name: person.name, title: person.title, revoked: person.revoked });
  fillList(
    byId("people"),
    "person-row",
    people
      .filter((one) => one.id !== person.id)
      .map((one) => ({ name: one.name, meta: t("Có sổ trên máy này; đăng nhập để mở.") })),
  );
  const rows = diary.slice(-DIARY_SHOWN).reverse();
  fillList(
    byId("diary"),
    "diary-row",
    rows.map((row) => ({ text: lineOf(row), at: moment(row.at) })),
  );
}

/** @param {Record<string, any>} row */
function lineOf({ id: _, at: __, event, ...detail }) {
  return [event, ...Object.entries(detail).map(([name, value]) => `${name}: ${value}`)].join(" · ");
}

/** @param {import("./app.js").App} app */
function wireSignOut({ store }) {
  const button = /** @type {HTMLButtonElement} */ (byId("sign-out"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    const { ok, problem } = await signOut(store);
    button.disabled = false;
    if (ok) return location.assign("/sign-in");
    const notice = byId("sign-out-trouble");
    fill(notice, { text: problem?.message ?? "", action: problem?.action ?? "" });
    notice.hidden = false;
  });
}
