// The diary of sending in words a supporter can read: when, what, with what result. Never what an entry says.
import { t } from "../messages.js";
import { problem } from "../offline/problems.js";
import { moment } from "./dates.js";

/** @type {Record<string, () => string>} */
const OUTCOMES = {
  applied: () => t("đã nhận"),
  duplicate: () => t("đã nhận từ trước"),
  parallel: () => t("thành bản song song"),
  quarantined: () => t("bị giữ lại"),
  retry: () => t("chưa nhận"),
};

/** @param {string} codes "applied/applied quarantined/invalid" */
function outcomes(codes) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const one of codes.split(" ").filter(Boolean)) counts.set(one, (counts.get(one) ?? 0) + 1);
  return Array.from(counts, ([one, n]) => {
    const [outcome = "", code = ""] = one.split("/");
    const words = OUTCOMES[outcome]?.() ?? outcome;
    return `${n} ${words}${code && code !== outcome ? ` (${code})` : ""}`;
  }).join(", ");
}

/** @type {Record<string, (row: Record<string, any>) => [what: string, result: string]>} */
const EVENTS = {
  pushed: ({ codes }) => [t("Gửi phiếu"), outcomes(String(codes))],
  pulled: ({ count }) => [t("Lấy tin mới"), t("{n} phiếu, kiến nghị mới hoặc đổi", { n: count })],
  failed: ({ code, reason }) => [
    t("Gửi nhận không xong ({reason})", { reason: reason ?? "" }),
    `${problem(code).message} (${code})`,
  ],
  halved: ({ code, size }) => [
    t("Gửi từng ít một"),
    t("{n} phiếu một lần là nhiều quá ({code})", { n: size, code }),
  ],
  drifted: ({ here, there }) => [
    t("So với máy chủ thấy lệch"),
    t("máy này {here}, máy chủ {there}; máy lấy lại từ đầu", { here, there }),
  ],
  show_failed: ({ code }) => [t("Màn hình gặp lỗi"), String(code)],
  photos_given_up: ({ count }) => [t("Bỏ ảnh đã mất khỏi danh sách gửi"), t("{n} ảnh", { n: count })],
  "rescue file": ({ count }) => [t("Tạo tệp dự phòng"), t("{n} phiếu", { n: count })],
};

/** Codes and counts pass; anything that could be words of an entry does not. @param {unknown} value */
const harmless = (value) =>
  typeof value === "number" || typeof value === "boolean" || /^[\w./: -]{0,300}$/.test(String(value));

/**
 * @param {Record<string, any>} row
 * @returns {{at: string, what: string, result: string}}
 */
export function diaryLine({ id: _, at, event, ...detail }) {
  const safe = Object.fromEntries(Object.entries(detail).filter(([, value]) => harmless(value)));
  const other = () => Object.entries(safe).map(([name, value]) => `${name} ${value}`);
  const [what, result] = EVENTS[event]?.(safe) ?? [String(event), other().join(", ")];
  return { at: moment(at), what, result };
}

/** The diary as text to be sent to a supporter, newest first. @param {Record<string, any>[]} rows @param {string[]} head */
export const diaryText = (rows, head) =>
  [...head, "", ...rows.map((row) => Object.values(diaryLine(row)).filter(Boolean).join(" | "))].join("\n");
