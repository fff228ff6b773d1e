import assert from "node:assert/strict";
import { test } from "node:test";
import { createIds, uuid7 } from "../../static/js/offline/ids.js";

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("it is a UUIDv7 of this moment", () => {
  const id = createIds({ now: () => 0x0192_3456_789a })();
  assert.match(id, FORM);
  assert.ok(id.startsWith("01923456-789a-7"));
});

test("ids grow within a millisecond, past the counter's end, and when the clock is set back", () => {
  let time = 1_800_000_000_000;
  const mint = createIds({ now: () => time, random: (bytes) => bytes.fill(255) });
  const made = [];
  for (let n = 0; n < 5000; n++) made.push(mint());
  time -= 3_600_000;
  made.push(mint());
  time += 7_200_000;
  made.push(mint());
  assert.deepEqual(made, [...made].sort());
  assert.equal(new Set(made).size, made.length);
  for (const id of made) assert.match(id, FORM);
});

test("two in a row differ", () => assert.notEqual(uuid7(), uuid7()));
