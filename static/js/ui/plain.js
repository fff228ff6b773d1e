/** A text without its marks, in small letters: "phu thanh" for "Phú Thạnh". @param {string} text */
export const plain = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
