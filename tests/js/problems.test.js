import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { CODES, isKnown, problem } from "../../static/js/offline/problems.js";
import { storageAnswer } from "../../static/js/offline/storage.js";
import { watchPerson } from "../../static/js/pages/exchange.js";
import { statusOf } from "../../static/js/ui/status_line.js";
import { createPhone } from "./support/phone.js";

/** @typedef {import("./support/phone.js").Phone} Phone */
const broken = () => {
  throw new TypeError("Failed to fetch");
};
const unmarked = (/** @type {number} */ status) => () =>
  new Response(status === 204 ? null : "<html>", { status });
const refusal =
  (/** @type {number} */ status, /** @type {string} */ code) =>
  (/** @type {Phone} */ { server }) =>
    server.refuse(status, code);

/** What came back, the problem it is, and the tap that helps. @type {[string, (phone: Phone) => any, string, Gandan.Tap | null][]} */
const ANSWERS = [
  ["a portal's page", unmarked(200), "captive_portal", "send"],
  ["a portal's redirect", unmarked(302), "captive_portal", "send"],
  ["a portal's own sign-in", unmarked(511), "captive_portal", "send"],
  ["a gateway whose server is away", unmarked(502), "overloaded", null],
  ["nothing at all", broken, "unreachable", "send"],
  ["nothing, and a clock behind the server's last word", broken, "clock", "send"],
  ["signed out", refusal(401, "sign_in_required"), "sign_in_required", "sign_in"],
  ["an account that is locked", refusal(401, "account_locked"), "account_locked", "device"],
  ["somebody else's cookie", refusal(403, "wrong_person"), "wrong_person", "sign_in"],
  ["another origin", refusal(403, "cross_site"), "cross_site", "reload"],
  ["this phone is taken out", refusal(403, "revoked_device"), "revoked_device", "device"],
  ["an app too old", refusal(409, "upgrade_required"), "upgrade_required", "update"],
  ["a server too old", refusal(409, "server_too_old"), "server_too_old", "update"],
  ["one entry too large", refusal(413, "too_large"), "too_large", "device"],
  ["one entry unreadable", refusal(400, "unreadable_request"), "unreadable_request", "update"],
  ["overload", refusal(503, "overloaded"), "overloaded", null],
  ["too many", refusal(429, "overloaded"), "overloaded", null],
  ["a fault of the server's", refusal(500, "internal"), "server_error", "send"],
  ["a code from later", refusal(418, "teapot"), "server_error", "send"],
];

for (const [what, answer, code, tap] of ANSWERS) {
  test(`${what}: ${code}`, async (t) => {
    const phone = await createPhone(t);
    if (code === "clock") {
      await phone.sync.run("open");
      phone.time -= 86_400_000;
    }
    const row = await phone.save();
    phone.server.always = () => answer(phone);
    const { problem: found, unsent } = await phone.sync.run("open");
    assert.deepEqual([found?.code, found?.tap], [code, tap]);
    assert.ok(found?.message && found.action);
    assert.equal(unsent, 1, "the entry is still here");
    assert.equal((await phone.store.all("outbox"))[0].op_id, row.op_id);
    const said = statusOf(phone.sync.state());
    assert.deepEqual([said.state, said.tap], ["attention", tap]);
    assert.ok(said.text.includes(found.message), "the line says it");
  });
}

test("no network, no session, no room, no store", async (t) => {
  const offline = await createPhone(t);
  await offline.save();
  offline.isOnline = false;
  const calm = await offline.sync.run("open");
  assert.deepEqual([calm.problem?.code, calm.problem?.tap], ["offline", "send"]);
  assert.deepEqual([statusOf(calm).state, statusOf(calm).tap], ["offline", "send"]);

  const stranger = await createPhone(t, { session: false });
  await stranger.save();
  assert.equal((await stranger.sync.run("open")).problem?.tap, "sign_in");

  const small = await createPhone(t);
  const scarce = { usage: 90 * 2 ** 20, quota: 100 * 2 ** 20 };
  const room = { persisted: async () => true, estimate: async () => scarce };
  const { sync } = await small.window({ storage: () => storageAnswer(/** @type {any} */ (room)) });
  await sync.run("open");
  const said = statusOf(sync.state());
  assert.deepEqual([said.state, said.tap], ["attention", "device"]);
  assert.match(said.text, /^Đã gửi hết .* · Máy sắp hết chỗ\.$/);
  scarce.usage = 2 ** 20;
  await sync.run("button");
  assert.equal(statusOf(sync.state()).state, "synced");

  for (const [code, tap] of [
    ["quota", "device"],
    ["blocked", "reload"],
    ["newer", "reload"],
    ["unavailable", "reload"],
  ]) {
    const phone = await createPhone(t);
    phone.store.count = () => Promise.reject(Object.assign(new Error(code), { code }));
    const { problem: found } = await phone.sync.run("open");
    assert.deepEqual([found?.code, found?.tap], [code, tap]);
  }
});

/** Every button and link that the notebook's pages show. */
function buttons() {
  const folder = new URL("../../templates/meetings/", import.meta.url);
  const pages = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
  const marked =
    /<(?:button|a)\b[^>]*?class="(?:\{\{ look \}\}|[^"]*\bbutton\b)[\s\S]*?<\/(?:button|a)>|button\([^\n]*/g;
  return new Set(
    pages.flatMap((page) =>
      (page.match(marked) ?? []).flatMap((part) =>
        [...part.matchAll(/_\("([^"]+)"\)/g)].map(([, name]) => name),
      ),
    ),
  );
}

test("each is one sentence and one thing to do, which names only buttons that there are", () => {
  const known = buttons().add("Gửi ngay"); // its label is made by tapsOf, with the count
  assert.ok(known.size > 10);
  for (const code of CODES) {
    const { message, action } = problem(code);
    for (const text of [message, action]) assert.match(text, /^\p{Lu}[^.!?]*\.$/u, `${code}: ${text}`);
    assert.doesNotMatch(`${message} ${action}`, /(?<!\p{L})bạn(?!\p{L})/u);
    for (const [, name = ""] of action.matchAll(
      /(?:[Bb]ấm|hoặc) (\p{Lu}[^,;.]*?)(?= rồi| lần| để| hoặc|[,;.])/gu,
    ))
      assert.ok(known.has(name), `${code}: there is no button “${name}”`);
  }
  assert.equal(new Set(CODES.map((code) => problem(code).message)).size, CODES.length, "told apart");
  assert.ok(ANSWERS.every(([, , code]) => isKnown(code)));
  assert.equal(problem("toString").code, "toString");
  assert.equal(problem("toString").message, problem("server_error").message);
});

for (const code of ["sign_in_required", "wrong_person", "account_locked"]) {
  test(`${code}: signing in again, or being let in again, lets the waiting entries go`, async (t) => {
    const phone = await createPhone(t);
    await phone.save();
    phone.server.always = () => phone.server.refuse(code === "wrong_person" ? 403 : 401, code);
    const opened = phone.sync.run("open");
    await watchPerson(
      phone.sync,
      opened,
      async () => {
        phone.server.always = null; // the cookie is right again, and the phone was told its new device
        return /** @type {any} */ ({ problem: null, changed: false });
      },
      () => assert.fail("nothing to reload"),
    );
    assert.equal(phone.sync.state().unsent, 0);
    assert.equal(phone.sync.state().problem, null);
  });
}

test("another person has signed in: their notebook is opened instead", async (t) => {
  const phone = await createPhone(t);
  let reloads = 0;
  await watchPerson(
    phone.sync,
    Promise.resolve(),
    async () => /** @type {any} */ ({ problem: null, changed: true }),
    () => reloads++,
  );
  assert.equal(reloads, 1);
  assert.equal(phone.server.requests.length, 0);
});
