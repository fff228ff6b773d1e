// Versions side by side, field by field; what differs stands first, with a word and a picture.
import { t } from "../messages.js";
import { copy, fill } from "./fill.js";

/** @typedef {{name: string, values: (string | undefined)[], differs: boolean, compared: boolean}} Line */

/**
 * @param {{name: string, text: string}[][]} versions the answers of each version to the same questions; one that was
 *   asked fewer, for it takes the record back, has nothing to say to the rest
 * @returns {Line[]} only the questions that at least two were asked, and one answers
 */
export function sideBySide(versions) {
  const [longest = []] = [...versions].sort((a, b) => b.length - a.length);
  return longest
    .map(({ name }, place) => {
      const values = versions.map((answers) => answers[place]?.text);
      const said = values.filter((one) => one !== undefined);
      return { name, values, differs: new Set(said).size > 1, compared: said.length > 1 };
    })
    .filter(({ values, compared }) => compared && values.some(Boolean));
}

/** @param {Element} holder @param {string[]} names of the versions @param {{name: string, text: string}[][]} versions */
export function showSideBySide(holder, names, versions) {
  const lines = sideBySide(versions);
  const whole = copy("comparison");
  const put = (/** @type {string} */ place, /** @type {Node[]} */ parts) =>
    whole.querySelector(`[data-${place}]`)?.replaceChildren(...parts);
  const same = lines.filter((line) => !line.differs);
  const other = lines.filter((line) => line.differs);
  put(
    "differing",
    other.map((line) => {
      const part = fill(copy("comparison-line"), { name: line.name });
      const cells = line.values.flatMap((value, place) =>
        value === undefined
          ? []
          : [fill(copy("comparison-cell"), { name: names[place], value: value || t("(không ghi)") })],
      );
      part.querySelector("dl")?.append(...cells);
      return part;
    }),
  );
  put(
    "same",
    same.map(({ name, values }) => fill(copy("comparison-cell"), { name, value: values.find(Boolean) })),
  );
  fill(whole, {
    no_difference: !other.length,
    has_same: same.length > 0,
    same: t("Chỗ giống nhau ({n})", { n: same.length }),
  });
  holder.replaceChildren(whole);
}
