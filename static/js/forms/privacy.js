// A private hint on this phone: does a text look as if it named a person? It never stops anybody and is never sent.

const TITLES =
  "[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ô|[Cc]hú|[Bb]ác|[Dd]ì|[Cc]ậu|[Tt]hím|[Ee]m|[Cc]háu|[Hh]ộ|[Tt]hầy";
const FAMILIES =
  "Nguyễn|Trần|Lê|Phạm|Huỳnh|Hoàng|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Đinh|Trương|Lâm|Mai|Cao|Đoàn|Thạch|Kim|Sơn|Danh";
const WORD = "\\p{Lu}\\p{Ll}+";
/** Before a name these make it a place: đường Lê Lợi, cầu Nguyễn Trãi. */
const PLACES = "đường|phố|trường|cầu|chợ|xã|ấp|huyện|tỉnh|phường|kênh|rạch|hẻm|chùa|khu|tư tưởng";

const PATTERNS = [
  new RegExp(`(?<![\\p{L}])(?:${TITLES})\\s+${WORD}(?:\\s+${WORD})*`, "u"),
  new RegExp(`(?<!(?:${PLACES})\\s)(?<![\\p{L}])(?:${FAMILIES})(?:\\s+${WORD}){1,3}`, "u"),
  /(?<!\d)(?:\+?84|0)(?:[\s.-]?\d){9}(?!\d)/,
  /(?<!\d)(?:\d{12}|\d{9})(?!\d|\s*đ)/,
];

/** @param {string} text @returns {string | null} the part that looks like a person, or null */
export function personIn(text) {
  const tidy = text.normalize("NFC");
  for (const pattern of PATTERNS) {
    const found = pattern.exec(tidy)?.[0];
    if (found) return found;
  }
  return null;
}
