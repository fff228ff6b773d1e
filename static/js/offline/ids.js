// UUIDv7 (RFC 9562): time-ordered ids that grow from one call to the next, also when the clock is set back.

/** @param {{now?: () => number, random?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array}} [sources] */
export function createIds({ now = Date.now, random = (bytes) => crypto.getRandomValues(bytes) } = {}) {
  let time = 0;
  let counter = 0;
  return () => {
    const bytes = random(new Uint8Array(16));
    const moment = now();
    if (moment > time) {
      time = moment;
      counter = ((Number(bytes[6]) << 8) | Number(bytes[7])) & 0x7ff; // the top bit stays free for growth
    } else if (++counter > 0xfff) {
      time++;
      counter = 0;
    }
    let rest = time;
    for (let place = 5; place >= 0; place--) {
      bytes[place] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    bytes[6] = 0x70 | (counter >> 8);
    bytes[7] = counter & 0xff;
    bytes[8] = 0x80 | (Number(bytes[8]) & 0x3f);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
}

export const uuid7 = createIds();
