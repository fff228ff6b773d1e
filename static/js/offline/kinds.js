// What kind of matter people speak of: found by their own words, with and without marks. Pure functions.
import { plain } from "../ui/plain.js";

/** What belongs to a channel of its own, by what people call it: it is counted there, and never described. @type {Record<string, string>} */
const ELSEWHERE = {
  emergency: "bạo lực, bạo hành, đánh vợ, đánh con, xâm hại",
  crime:
    "trộm, cướp, giật dây chuyền, ma túy, đánh bạc, đá gà, số đề, lừa đảo, đánh nhau, tố giác, cho vay nặng lãi",
  denunciation: "tố cáo, tham nhũng, nhận hối lộ, đòi tiền, ăn chặn, cán bộ sai phạm, lạm quyền",
  complaint: "khiếu nại, không đồng ý quyết định, quyết định xử phạt, quyết định thu hồi",
  land_dispute: "tranh chấp đất, lấn đất, ranh đất, kiện đất",
  mediation: "mâu thuẫn, cãi nhau, chửi nhau, hàng xóm, ly hôn, chia tài sản",
};

/** @param {string} text */
const syllables = (text) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** As it was typed, or without marks where none were. @param {string} text */
function heard(text) {
  const lower = text.normalize("NFC").toLowerCase();
  const bare = plain(lower) === lower;
  return { text: ` ${syllables(lower).join(" ")} `, fold: bare ? plain : (/** @type {string} */ one) => one };
}

/** @param {string} list */
const phrasesOf = (list) =>
  list
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);

/**
 * Where a text belongs that is no petition and no flash report; a guess, which stops nobody.
 * @param {string} text @returns {string | null}
 */
export function channelIn(text) {
  const { text: said, fold } = heard(text);
  for (const [channel, words] of Object.entries(ELSEWHERE))
    if (phrasesOf(words).some((phrase) => said.includes(` ${fold(phrase)} `))) return channel;
  return null;
}

/**
 * How well words fit a phrase: a whole phrase counts most, a part of it a little.
 * @param {string[]} asked @param {string} phrase
 */
function fit(asked, phrase) {
  const words = syllables(plain(phrase));
  const met = words.filter((word) =>
    asked.some((one) => word === one || (one.length > 2 && word.startsWith(one))),
  );
  return met.length === words.length ? words.length ** 2 : met.length / (2 * words.length);
}

/**
 * The kinds that fit what is asked, the best first; all of them while nothing is asked.
 * @template {{words: string, name: string}} T @param {string} query @param {T[]} kinds @returns {T[]}
 */
export function kindsFor(query, kinds) {
  const asked = syllables(plain(query));
  if (!asked.length) return kinds;
  return kinds
    .map((kind) => {
      const fits = phrasesOf(`${kind.name}, ${kind.words}`).map((phrase) => fit(asked, phrase));
      return { kind, score: fits.reduce((sum, one) => sum + one, 0) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ kind }) => kind);
}
