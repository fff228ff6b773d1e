// The bulletins of the months around this one, read without a network: the present month first.
import { t } from "../messages.js";
import { toldOf } from "../offline/bulletins.js";
import { entryViews } from "../offline/records.js";
import { day, monthName, today } from "../ui/dates.js";
import { byId, copy, fill, fillList } from "../ui/fill.js";
import { begin, keepShown } from "./app.js";

const app = await begin();
if (app) await keepShown(app.store, () => show(app));

/** @param {import("./app.js").App} app */
async function show(app) {
  const rows = await app.rows();
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
      return part;
    }),
  );
  fill(byId("notebook"), { nothing: !bulletins.length });
}
