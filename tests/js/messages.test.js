import assert from "node:assert/strict";
import { test } from "node:test";

const fresh = async (/** @type {string} */ name) => import(`../../static/js/messages.js?${name}`);

test("without a page the words are Vietnamese, with what they name", async () => {
  const { t, number } = await fresh("vi");
  assert.equal(t("Gửi ngay ({count})", { count: 3 }), "Gửi ngay (3)");
  assert.equal(t("Còn {count} phiếu", {}), "Còn {count} phiếu");
  assert.equal(t("$& {x}", { x: "$&" }), "$& $&");
  assert.equal(number(1702), "1.702");
  assert.equal(t("{n} hộ", { n: 1702 }), "1.702 hộ");
  assert.equal(t("Tháng {month}/{year}", { month: 11, year: "2026" }), "Tháng 11/2026");
});

test("a page's translations are used, and what is missing stays Vietnamese", async (context) => {
  const holder = { textContent: '{"Máy chủ đang bận.": "The server is busy."}' };
  const global = /** @type {any} */ (globalThis);
  global.document = { getElementById: () => holder, documentElement: { lang: "en" } };
  context.after(() => delete global.document);
  const { t, number } = await fresh("en");
  assert.equal(t("Máy chủ đang bận."), "The server is busy.");
  assert.equal(t("Chưa dịch"), "Chưa dịch");
  assert.equal(number(1702), "1,702");
  assert.equal(t("{n} hộ", { n: 1702 }), "1,702 hộ");
});
