// Days and moments in words. The phone's calendar days are those of Viet Nam.
import { t } from "../messages.js";

const MINUTE = 60_000;

/** @param {number} [now] @returns {string} "2026-11-22", in Viet Nam */
export const today = (now = Date.now()) => new Date(now + 7 * 60 * MINUTE).toISOString().slice(0, 10);

/** @param {string} date @returns {string} "22/11/2026" */
export const day = (date) => date.slice(0, 10).split("-").reverse().join("/");

/** @param {string} month "2026-11" */
export const monthName = (month) =>
  t("Tháng {month}/{year}", { month: Number(month.slice(5, 7)), year: month.slice(0, 4) });

/** @param {string | null | undefined} moment @returns {string} "19:30 22/11/2026", in Viet Nam */
export function moment(moment) {
  if (!moment) return "";
  const local = new Date(Date.parse(moment) + 7 * 60 * MINUTE).toISOString();
  return `${local.slice(11, 16)} ${day(local)}`;
}

/** @param {string | null | undefined} since @param {number} [now] @returns {string} how long ago, in words */
export function ago(since, now = Date.now()) {
  if (!since) return t("chưa lần nào");
  const minutes = Math.floor((now - Date.parse(since)) / MINUTE);
  if (minutes < 1) return t("vừa xong");
  if (minutes < 60) return t("{n} phút trước", { n: minutes });
  if (minutes < 60 * 24) return t("{n} giờ trước", { n: Math.floor(minutes / 60) });
  return t("{n} ngày trước", { n: Math.floor(minutes / 60 / 24) });
}
