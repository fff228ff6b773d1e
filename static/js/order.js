// Names in Vietnamese order: "Tổ 2" before "Tổ 10".

/** @type {Intl.Collator | undefined} made when there is something to compare: that takes a slow phone a while */
let collator;

/** @param {string} a @param {string} b */
export function compareNames(a, b) {
  collator ??= new Intl.Collator("vi", { numeric: true });
  return collator.compare(a, b);
}
