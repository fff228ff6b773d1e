// Search without marks: "phu thanh" finds "Phú Thạnh", syllables in any order, each by its beginning.

import { plain } from "./plain.js";

/** @param {string} text */
const syllables = (text) =>
  plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** @param {string} query @param {string} text @returns {boolean} */
export function matches(query, text) {
  const words = syllables(text);
  // Each syllable asked for takes a word of its own, the longest first: "phu phu" wants two of them.
  return syllables(query)
    .sort((a, b) => b.length - a.length)
    .every((part) => {
      const place = words.findIndex((word) => word.startsWith(part));
      return place >= 0 && words.splice(place, 1).length > 0;
    });
}

/**
 * The entries whose summaries fit: group, place, theme, month, and who wrote it.
 * @param {string} query @param {Gandan.EntryView[]} views @param {(view: Gandan.EntryView) => string} titleOf the group's name
 */
export function findEntries(query, views, titleOf) {
  if (!syllables(query).length) return [];
  return views.filter((view) => {
    const [year = "", month = "", day = ""] = view.meeting_date.split("-");
    const date = `tháng ${Number(month)} ${year} ngày ${Number(day)}`;
    const said = [
      titleOf(view),
      view.body?.place,
      view.theme,
      date,
      view.meeting_date.split("-").reverse().join("/"),
    ];
    return matches(query, [...said, view.author?.name].filter(Boolean).join(" "));
  });
}
