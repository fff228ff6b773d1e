// A record in words: the page carries the names and the labels of the choices, this puts the answers in.
import { number } from "../messages.js";
import { day } from "./dates.js";

/** @param {Element} line @param {unknown} value */
function say(line, value) {
  const place = line.querySelector("dd");
  const blank = value === undefined || value === null || value === "" || value === false;
  /** @type {HTMLElement} */ (line).hidden = blank;
  if (blank || !place) return;
  const choices = [...place.querySelectorAll(/** @type {"span"} */ ("span[data-value]"))];
  if (choices.length) for (const choice of choices) choice.hidden = choice.dataset.value !== value;
  else if (value !== true) place.textContent = words(value, line.getAttribute("data-kind") ?? "");
}

/** @param {unknown} value @param {string} kind */
function words(value, kind) {
  if (typeof value === "number") return number(value);
  const text = String(value);
  if (kind === "DateField") return day(text);
  if (kind === "TimeField") return text.slice(0, 5);
  if (kind === "DateTimeLocalField") return `${text.slice(11, 16)} ${day(text)}`;
  return text;
}

/** Answers that are left out because they are what is usual. @type {Gandan.Body} */
const USUAL = { status: "held", format: "regular", chair_role: "group_leader", officer_presence: "present" };
/** @type {Record<string, Gandan.Body>} */
const USUAL_ROWS = { petitions: { urgency: "normal", level: "local" }, redirections: { count: 1 } };

/**
 * @param {ParentNode} root @param {Gandan.Body} body @param {Gandan.Body[]} [petitions]
 */
export function showFacts(root, body, petitions = []) {
  const held = body.status !== "not_held";
  /** @type {Gandan.Body} */
  const whole = { ...(held ? USUAL : { status: "not_held" }), ...body, petitions };
  for (const line of root.querySelectorAll("[data-fact]")) {
    if (!line.closest("[data-rows]")) say(line, whole[line.getAttribute("data-fact") ?? ""]);
  }
  for (const part of root.querySelectorAll("[data-fact-list]")) {
    const name = part.getAttribute("data-fact-list") ?? "";
    const rows = /** @type {Gandan.Body[]} */ (whole[name] ?? []);
    const template = part.querySelector("template");
    const copies = rows.map((row) => {
      const one = /** @type {DocumentFragment} */ (
        document.importNode(/** @type {HTMLTemplateElement} */ (template).content, true)
      );
      const all = /** @type {Gandan.Body} */ ({ ...USUAL_ROWS[name], ...row });
      for (const line of one.querySelectorAll("[data-fact]"))
        say(line, all[line.getAttribute("data-fact") ?? ""]);
      return one;
    });
    /** @type {HTMLElement} */ (part).hidden = !rows.length;
    part.querySelector("[data-rows]")?.replaceChildren(...copies);
  }
}

/** @typedef {{name: string, text: string}} Answer */

/**
 * The same in plain words, for laying versions side by side: every line there is, also those that say nothing.
 * @param {Element} skeleton what `showFacts` fills @param {Gandan.Body} body @param {Gandan.Body[]} [petitions]
 * @returns {Answer[]}
 */
export function answersOf(skeleton, body, petitions) {
  const root = /** @type {Element} */ (skeleton.cloneNode(true));
  for (const remark of root.querySelectorAll("[data-remark]")) remark.remove();
  showFacts(root, body, petitions);
  const text = (/** @type {Element | null | undefined} */ part) =>
    (part?.textContent ?? "").replace(/\s+/g, " ").trim();
  const said = (/** @type {Element} */ line) =>
    /** @type {HTMLElement} */ (line).hidden
      ? ""
      : text(line.querySelector("dd span[data-value]:not([hidden])") ?? line.querySelector("dd"));
  return [...root.querySelectorAll("[data-fact], [data-fact-list]")]
    .filter((part) => !part.closest("[data-rows]"))
    .map((part) => {
      if (part.matches("[data-fact]")) return { name: text(part.querySelector("dt")), text: said(part) };
      const rows = [...part.querySelectorAll("[data-rows] > dl")].map((row) =>
        [...row.querySelectorAll("[data-fact]")].map(said).filter(Boolean).join("; "),
      );
      return { name: text(part.querySelector("h3")), text: rows.map((row) => `• ${row}`).join("\n") };
    });
}
