// The guide to the kinds of matters: found by people's own words, with marks and without; what belongs elsewhere is noticed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { channelIn, kindsFor } from "../../static/js/offline/kinds.js";
import { applyPage } from "../../static/js/offline/pages.js";
import { createPhone } from "./support/phone.js";

const kinds = [
  { name: "Giao thông", words: "đường hỏng, ổ gà, cầu hư" },
  { name: "Thoát nước", words: "cống nghẹt, ngập nước, mương" },
  { name: "Nước sạch", words: "nước máy, nước đục" },
  { name: "Điện, chiếu sáng", words: "đèn đường, cúp điện" },
];
const names = (/** @type {string} */ query) => kindsFor(query, kinds).map(({ name }) => name);

test("a kind is found by what people call it, with marks or without", () => {
  for (const query of ["cống nghẹt", "cong nghet", "Cống hẻm 12 bị nghẹt", "CONG NGHET"])
    assert.equal(names(query)[0], "Thoát nước", query);
  assert.equal(names("den duong khong sang")[0], "Điện, chiếu sáng");
  assert.equal(names("đường nhiều ổ gà")[0], "Giao thông");
  assert.equal(names("giao thong")[0], "Giao thông", "by its own name");
});

test("all are shown while nothing is asked, and none where none fits", () => {
  assert.equal(names("").length, kinds.length);
  assert.deepEqual(names("xyz"), []);
  assert.ok(names("nước").length > 1, "what fits in part comes too");
});

test("what has a channel of its own is noticed, and a group that stands high is no denunciation", () => {
  for (const [text, channel] of /** @type {[string, string | null][]} */ ([
    ["Bà con muốn tố cáo", "denunciation"],
    ["to cao can bo", "denunciation"],
    ["Có trộm xe ở đầu hẻm", "crime"],
    ["co danh bac", "crime"],
    ["Hai nhà lấn đất", "land_dispute"],
    ["Chồng bạo hành", "emergency"],
    ["tổ cao ráo, không ngập", null],
    ["Cống nghẹt, đường ngập", null],
    ["", null],
  ]))
    assert.equal(channelIn(text), channel, text);
});

test("what the server tells of the kinds is kept whole, and a pull that does not tell it leaves it", async (t) => {
  const { store } = await createPhone(t);
  const categories = [
    { code: "roads", level: "local", days: 10, routing: "Xã", basis: "QĐ 1", words: "ổ gà" },
  ];
  await applyPage(store, { cursor: "1", reset: true });
  assert.equal(await store.get("meta", "categories"), undefined);
  await applyPage(store, { cursor: "2", categories });
  await applyPage(store, { cursor: "3" });
  assert.deepEqual((await store.get("meta", "categories")).list, categories);
});
