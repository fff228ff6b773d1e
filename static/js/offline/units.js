// What a unit is called, and in which order units stand.

/** @type {Intl.Collator | undefined} made when there is something to compare */
let collator;

/** In Vietnamese order, "Tổ 2" before "Tổ 10". @param {string} a @param {string} b */
function compareNames(a, b) {
  collator ??= new Intl.Collator("vi", { numeric: true });
  return collator.compare(a, b);
}

/** @param {Gandan.Unit[]} units @param {Gandan.Unit} unit @returns {string} the group with its hamlet */
export function nameOf(units, unit) {
  const parent = units.find((one) => one.id === unit.parent_id);
  return parent && !unit.name.includes(parent.name) ? `${unit.name} · ${parent.name}` : unit.name;
}

/**
 * The units as they are kept: each knows its order among them. A slow phone takes a twentieth of a second to learn the
 * Vietnamese order, so it does when they come and not whenever a page opens.
 * @param {Gandan.Unit[]} units @returns {Gandan.Unit[]}
 */
export function ordered(units) {
  const titles = new Map(units.map((unit) => [unit.id, nameOf(units, unit)]));
  return [...units]
    .sort((a, b) => compareNames(titles.get(a.id) ?? "", titles.get(b.id) ?? ""))
    .map((unit, order) => ({ ...unit, order }));
}

/** What an older version of the app stored knows no order. @param {Gandan.Unit} a @param {Gandan.Unit} b */
export const byOrder = (a, b) =>
  a.order === undefined || b.order === undefined ? compareNames(a.name, b.name) : a.order - b.order;
