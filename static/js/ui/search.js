// Search without marks: "phu thanh" finds "Phú Thạnh", syllables in any order, each by its beginning.

/** @param {string} text */
export const plain = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

/** @param {string} text */
const syllables = (text) =>
  plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** @param {string} query @param {string} text @returns {boolean} */
export function matches(query, text) {
  const words = syllables(text);
  return syllables(query).every((part) => words.some((word) => word.startsWith(part)));
}
