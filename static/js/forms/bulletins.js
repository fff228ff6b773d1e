// What is to be conveyed to this group this month, ticked as conveyed.
import { dueAt } from "../offline/bulletins.js";
import { createTicks } from "./ticks.js";

/** @param {HTMLFormElement} form @param {{bulletins: Gandan.BulletinItem[], units: Gandan.Unit[]}} rows */
export const createBulletins = (form, { bulletins, units }) =>
  createTicks(form, {
    list: "conveyed",
    key: "item_id",
    words: "questions",
    section: "due",
    due: (unitId, date) => dueAt(bulletins, units, unitId, date),
    row: ({ id, title }) => ({ item_id: id, text: title }),
    line: ({ title, text, pinned, replaces }) => ({
      title,
      text,
      pinned: Boolean(pinned),
      replaces: Boolean(replaces),
      has_chips: Boolean(pinned || replaces),
    }),
  });
