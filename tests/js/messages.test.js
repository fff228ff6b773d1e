import assert from "node:assert/strict";
import { test } from "node:test";

const fresh = async (/** @type {string} */ name) => (await import(`../../static/js/messages.js?${name}`)).t;

test("without a page the words are Vietnamese, with what they name", async () => {
  const t = await fresh("vi");
  assert.equal(t("Gửi ngay ({count})", { count: 3 }), "Gửi ngay (3)");
  assert.equal(t("Còn {count} phiếu", {}), "Còn {count} phiếu");
  assert.equal(t("$& {x}", { x: "$&" }), "$& $&");
});

test("a page's translations are used, and what is missing stays Vietnamese", async (context) => {
  const holder = { textContent: '{"Máy chủ đang bận.": "The server is busy."}' };
  const global = /** @type {any} */ (globalThis);
  global.document = { getElementById: () => holder };
  context.after(() => delete global.document);
  const t = await fresh("en");
  assert.equal(t("Máy chủ đang bận."), "The server is busy.");
  assert.equal(t("Chưa dịch"), "Chưa dịch");
});
