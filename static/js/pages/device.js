// Máy này: what this phone holds, what it has heard, who uses it.
import { t } from "../messages.js";
import { registry } from "../offline/database.js";
import { signOut, unsentOf } from "../offline/session.js";
import { ago, moment } from "../ui/dates.js";
import { diaryLine, diaryText } from "../ui/diary.js";
import { byId, fill, fillList } from "../ui/fill.js";
import { wireRescueCard } from "../ui/rescue_card.js";
import { tapsOf, unsentCount, unsentText } from "../ui/status_line.js";
import { toast } from "../ui/toast.js";
import { begin, keepShown } from "./app.js";

const MEGABYTE = 2 ** 20;
const DIARY_SHOWN = 60;
/** What others left on this phone unsent, in words. @type {Map<string, string>} */
const left = new Map();
const app = await begin();
if (app) {
  await keepShown(app.store, () => show(app));
  const { sync } = await app.exchange;
  wireSignOut(app, sync);
  wireRescueCard(app.store, sync);
  wireDiary(app, sync);
  lookAtOthers(app).catch(() => {}); // the page does without
  sync.subscribe((state) => {
    const { lastContact, problem, storage } = state;
    const unsent = unsentCount(state);
    fill(byId("device-state"), {
      unsent: unsentText(state) || t("Không còn phiếu nào chưa gửi"),
      contact: t("Liên lạc lần cuối: {ago}", { ago: ago(lastContact) }),
      has_problem: Boolean(problem),
      problem: problem?.message ?? "",
      action: problem?.action ?? "",
      ...tapsOf(problem?.tap, unsent),
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
}

/** @param {import("./app.js").App} app */
async function lookAtOthers(app) {
  for (const { id } of await registry.people()) {
    if (id === app.person.id) continue;
    const { entries, photos } = await unsentOf(id);
    left.set(id, unsentText({ unsent: entries, photos: { waiting: photos, sent: 0 } }));
  }
  await show(app);
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
      .map(({ id, name }) => ({
        name,
        meta: t("Có sổ trên máy này; đăng nhập để mở."),
        unsent: left.get(id),
      })),
  );
  const rows = diary.slice(-DIARY_SHOWN).reverse();
  fillList(byId("diary"), "diary-row", rows.map(diaryLine));
}

/** @param {import("./app.js").App} app @param {Gandan.Sync} sync */
function wireDiary({ store, person }, sync) {
  byId("copy-diary").addEventListener("click", async () => {
    const { unsent, lastContact, problem, storage } = sync.state();
    const script = document.querySelector('script[src^="/assets/"]')?.getAttribute("src") ?? "";
    const build = script.split("/")[2] ?? "";
    const head = [
      `Gần Dân ${build} · ${moment(new Date().toISOString())}`,
      `${t("Máy")}: ${person.device} · ${navigator.userAgent}`,
      t("{n} phiếu chưa gửi", { n: unsent }),
      t("Liên lạc lần cuối: {ago}", { ago: moment(lastContact) || ago(lastContact) }),
      [problem && `${problem.message} (${problem.code})`, storage?.message].filter(Boolean).join(" · "),
    ];
    const text = diaryText((await store.all("diary")).reverse(), head);
    const place = /** @type {HTMLTextAreaElement} */ (byId("diary-text"));
    place.value = text;
    try {
      await navigator.clipboard.writeText(text);
      toast(t("Đã chép nhật ký."));
    } catch {
      // Not allowed here: the text is shown and selected, to be copied by hand.
      place.hidden = false;
      place.select();
      toast(t("Giữ tay vào khung chữ rồi chọn Sao chép."));
    }
  });
}

/** @param {import("./app.js").App} app @param {Gandan.Sync} sync */
function wireSignOut({ store }, sync) {
  const button = /** @type {HTMLButtonElement} */ (byId("sign-out"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    const { ok, problem } = await signOut(store);
    button.disabled = false;
    if (ok) return location.assign("/sign-in");
    const notice = byId("sign-out-trouble");
    const { message: text = "", action = "", tap } = problem ?? {};
    fill(notice, { text, action, ...tapsOf(tap, unsentCount(await sync.refresh())) });
    notice.hidden = false;
  });
}
