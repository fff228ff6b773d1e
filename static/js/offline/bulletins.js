// Monthly bulletins, from what the phone holds: what is to be conveyed to which group, and which groups were told.
import { isOut } from "./records.js";

/**
 * Whether an item is for a group: it lies in one of the places, and it or a unit above it is of one of the types.
 * @param {Gandan.BulletinItem} item @param {Gandan.Unit[]} units @param {string} unitId
 */
export function isFor(item, units, unitId) {
  /** @type {Gandan.Unit[]} */
  const line = [];
  let unit = units.find((one) => one.id === unitId);
  while (unit && !line.includes(unit)) {
    line.push(unit);
    const above = unit.parent_id;
    unit = units.find((one) => one.id === above);
  }
  const { places, kinds } = item;
  return (
    line.length > 0 &&
    (!places || line.some(({ id }) => places.includes(id))) &&
    (!kinds || line.some(({ type }) => kinds.includes(type)))
  );
}

/**
 * What a group is to hear at a meeting on a day, the pinned items first.
 * @param {Gandan.BulletinItem[]} bulletins @param {Gandan.Unit[]} units @param {string} unitId @param {string} date
 */
export const dueAt = (bulletins, units, unitId, date) =>
  bulletins.filter((item) => item.month === date.slice(0, 7) && isFor(item, units, unitId));

/**
 * Of this officer's groups, those an item is for and those that were told of it, also by an entry that waits to be sent.
 * @param {Gandan.BulletinItem} item @param {Gandan.Unit[]} units @param {Gandan.EntryView[]} views
 */
export function toldOf(item, units, views) {
  const groups = units.filter((unit) => unit.mine && isFor(item, units, unit.id)).map(({ id }) => id);
  const entries = views.filter(
    (one) =>
      one.where !== "draft" &&
      !isOut(one) &&
      one.body?.conveyed?.some((/** @type {Gandan.Body} */ row) => row.item_id === item.id),
  );
  return {
    all: groups.length,
    told: groups.filter((id) => entries.some((one) => one.unit_id === id)).length,
  };
}
