// A group with several entries in one month: said on each of them, never as an error.
import { t } from "../messages.js";
import { day, monthName, today } from "./dates.js";
import { copy, fill } from "./fill.js";

/** @param {Gandan.EntryView[]} twins @param {string} [now] today */
export const twinText = (twins, now = today()) => {
  const month = twins[0]?.meeting_date.slice(0, 7) ?? "";
  return month === now.slice(0, 7)
    ? t("Tháng này tổ có {n} phiếu.", { n: twins.length })
    : t("{month} tổ có {n} phiếu.", { month: monthName(month), n: twins.length });
};

/** @param {Element | null} holder @param {Gandan.EntryView[]} twins @param {string} [except] the entry that is shown already */
export function showTwins(holder, twins, except) {
  const links = twins
    .filter((one) => one.id !== except)
    .map((one) =>
      fill(copy("twin-link"), {
        id: one.id,
        label: `${day(one.meeting_date)} · ${one.author?.name ?? t("tôi ghi")}`,
      }),
    );
  holder?.replaceChildren(...links);
}
