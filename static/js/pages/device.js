// Máy này: what this phone holds, what it has heard, who uses it.
import { t } from "../messages.js";
import { registry } from "../offline/database.js";
import { signOut, unsentOf } from "../offline/leaving.js";
import { giveUpPhotos, lostPhotos } from "../offline/lost_photos.js";
import { entryViews } from "../offline/records.js";
import { nameOf } from "../offline/units.js";
import { ago, day, moment } from "../ui/dates.js";
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
  wireLostPhotos(app, sync);
  sync.subscribe((state) => {
    const { lastContact, problem, storage } = state;
    const unsent = unsentCount(state);
    if (problem?.code === "photo_missing") showLostPhotos(app).catch(() => {}); // said already, without where
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

/**
 * Which photos are lost, and with which entries, in words; empty when none is.
 * @param {import("./app.js").App} app
 */
async function lostText({ store, rows: read }) {
  const lost = await lostPhotos(store);
  if (!lost.length) return "";
  const rows = await read();
  const views = entryViews({ ...rows, drafts: [] });
  const where = lost.flatMap(({ sha256, records }) =>
    records.map((id) => {
      const view = views.find((one) => one.id === id);
      const unit = rows.units.find((one) => one.id === view?.unit_id);
      const photo = view?.body?.photos?.find((/** @type {Gandan.Body} */ one) => one.sha256 === sha256);
      return [unit && nameOf(rows.units, unit), view && day(view.meeting_date), photo?.caption]
        .filter(Boolean)
        .join(", ");
    }),
  );
  return t("{n} ảnh không còn trên máy này nên không gửi được nữa ({where}); phiếu không mất chữ nào.", {
    n: lost.length,
    where: where.join("; "),
  });
}

/** @param {import("./app.js").App} app */
async function showLostPhotos(app) {
  const text = await lostText(app);
  const notice = byId("lost-photos");
  if (text && notice.hidden) fill(notice, { text });
  notice.hidden = !text;
}

/** @param {import("./app.js").App} app @param {Gandan.Sync} sync */
function wireLostPhotos(app, sync) {
  const { store } = app;
  showLostPhotos(app).catch(() => {});
  for (const button of document.querySelectorAll("[data-drop-lost]"))
    button.addEventListener("click", async () => {
      await giveUpPhotos(store, await lostPhotos(store));
      byId("lost-photos").hidden = byId("sign-out-trouble").hidden = true;
      toast(t("Đã bỏ ảnh đã mất."));
      await sync.run("open");
    });
}

/** @param {import("./app.js").App} app @param {Gandan.Sync} sync */
function wireSignOut(app, sync) {
  const { store } = app;
  const button = /** @type {HTMLButtonElement} */ (byId("sign-out"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    const { ok, problem } = await signOut(store);
    button.disabled = false;
    if (ok) return location.assign("/sign-in");
    const notice = byId("sign-out-trouble");
    const { message: text = "", action = "", tap } = problem ?? {};
    const lost = problem?.code === "photo_missing";
    const taps = tapsOf(lost ? null : tap, unsentCount(await sync.refresh()));
    fill(notice, { text: lost ? await lostText(app) : text, action: lost ? "" : action, lost, ...taps });
    notice.hidden = false;
  });
}
