// Chance that can be had again: everything random in a schedule comes from here.

/** Mulberry32. @param {number} seed @returns {() => number} numbers from 0 up to 1 */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Tools over one stream of chance. @param {number} seed */
export function dice(seed) {
  const next = chance(seed);
  return {
    next,
    /** @param {number} low @param {number} high a whole number, both ends included */
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    /** @param {number} share */
    happens: (share) => next() < share,
    /** @template T @param {readonly T[]} list @returns {T} */
    one: (list) => /** @type {T} */ (list[Math.floor(next() * list.length)]),
    /** @template T @param {readonly (readonly [number, T])[]} weighted @returns {T} */
    weighed(weighted) {
      let rest = next() * weighted.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of weighted) {
        rest -= weight;
        if (rest < 0) return value;
      }
      return /** @type {any} */ (weighted.at(-1))[1];
    },
  };
}
