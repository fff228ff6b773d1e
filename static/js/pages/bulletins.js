// The bulletins of the months around this one, read without a network: the present month first.
import { t } from "../messages.js";
import { attachmentOf, keepAttachment } from "../offline/attachments.js";
import { toldOf } from "../offline/bulletins.js";
import { entryViews } from "../offline/records.js";
import { day, monthName, today } from "../ui/dates.js";
import { byId, copy, fill, fillList } from "../ui/fill.js";
import { toast } from "../ui/toast.js";
import { begin, keepShown } from "./app.js";

const app = await begin();

/** @type {Map<string, string>} addresses of the files that are on this phone, by their content */
const addresses = new Map();
const showAgain = app && (await keepShown(app.store, () => show(app)));
// What was being fetched when the page was shown may be here by now.
const exchange = await app?.exchange;
exchange?.opened.then(exchange.attached).then(() => showAgain?.());

/** @param {Gandan.Store} store @param {import("../offline/attachments.js").Attached[]} files */
async function findFiles(store, files) {
  for (const { sha256 } of files) {
    if (addresses.has(sha256)) continue;
    const blob = await attachmentOf(store, sha256);
    if (blob) addresses.set(sha256, URL.createObjectURL(blob));
  }
}

/** @param {import("./app.js").App} app @param {import("../offline/attachments.js").Attached} file */
function fileRow({ store }, file) {
  const { sha256, name, type, size } = file;
  const address = addresses.get(sha256);
  const row = fill(copy("file-part"), {
    name,
    fetch: t("Tải về máy: {name} ({n} kB)", { name, n: Math.ceil(size / 1000) }),
    is_picture: Boolean(address) && type.startsWith("image/"),
    is_file: Boolean(address) && !type.startsWith("image/"),
    is_missing: !address,
  });
  const image = row.querySelector("img");
  if (image && address && type.startsWith("image/")) {
    image.alt = name;
    image.src = address;
  }
  if (address) row.querySelector("a")?.setAttribute("href", address);
  row.querySelector("a")?.setAttribute("download", name);
  const button = row.querySelector("button");
  button?.addEventListener("click", async () => {
    button.disabled = true;
    const done = await keepAttachment(store, file);
    button.disabled = false;
    if (done) await showAgain?.();
    else toast(t("Chưa tải được tệp. Có mạng thì bấm lại."));
  });
  return row;
}

/** @param {import("./app.js").App} app */
async function show(app) {
  const rows = await app.rows();
  await findFiles(
    app.store,
    rows.bulletins.flatMap(({ files = [] }) => files),
  );
  const { bulletins, units } = rows;
  const views = entryViews(rows);
  const now = today().slice(0, 7);
  const months = [...new Set(bulletins.map((item) => item.month))].sort(
    (a, b) => Number(b === now) - Number(a === now) || (a < b ? 1 : -1),
  );
  byId("months").replaceChildren(
    ...months.map((month) => {
      const part = fill(copy("month-part"), { month: monthName(month) });
      const items = bulletins.filter((item) => item.month === month);
      fillList(
        part.querySelector("[data-items]"),
        "item-part",
        items.map((item) => {
          const { told, all } = toldOf(item, units, views);
          return {
            title: item.title,
            text: item.text,
            meta: [item.from, item.at && day(item.at)].filter(Boolean).join(" · "),
            pinned: Boolean(item.pinned),
            replaces: Boolean(item.replaces),
            all_told: all > 0 && told === all,
            has_chips: Boolean(item.pinned || item.replaces || (all && told === all)),
            told: t("Đã phổ biến ở {told} trên {all} tổ của tôi", { told, all }),
          };
        }),
      );
      for (const [place, row] of [...part.querySelectorAll("[data-files]")].entries())
        row.replaceChildren(...(items[place]?.files ?? []).map((file) => fileRow(app, file)));
      return part;
    }),
  );
  fill(byId("notebook"), { nothing: !bulletins.length });
}
