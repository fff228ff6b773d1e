import assert from "node:assert/strict";
import { test } from "node:test";
import { entryViews } from "../../static/js/offline/records.js";
import { oneAtATime } from "../../static/js/pages/app.js";
import { sideBySide } from "../../static/js/ui/compare.js";
import { diaryLine, diaryText } from "../../static/js/ui/diary.js";
import { troubleOf } from "../../static/js/ui/first_hour.js";
import { plain } from "../../static/js/ui/plain.js";
import { findEntries, matches } from "../../static/js/ui/search.js";
import { twinText } from "../../static/js/ui/twins.js";

test("search finds without marks, syllables in any order, each by its beginning", () => {
  const name = "Tổ NDTQ số 7 · Ấp Phú Thạnh";
  for (const query of ["phu thanh", "thanh phu", "Phú Thạnh", "THẠNH", "th ph 7", "  ", "ấp", "phú-thạnh"])
    assert.equal(matches(query, name), true, query);
  for (const query of ["phu thanh 8", "hanh", "phu phu", "7 7"])
    assert.equal(matches(query, name), false, query);
  assert.equal(plain("Đường Điện đắp"), "duong dien dap");
  assert.equal(matches("duong", "Đường".normalize("NFD")), true);
  assert.equal(matches("t to", "Tổ 7"), false, "one word is not found twice");
  assert.equal(matches("t to", "Tổ Tám"), true);
});

test("entries are found by group, place, theme, month and author", () => {
  const record = (
    /** @type {string} */ id,
    /** @type {string} */ meeting_date,
    /** @type {object} */ more = {},
  ) => ({
    id,
    kind: /** @type {const} */ ("meeting"),
    unit_id: "u",
    author_id: "o",
    author: { id: "o", name: "Nguyễn Thị Mẫu" },
    rev: 1,
    state: "submitted",
    meeting_date,
    body: { unit_id: "u", meeting_date, ...more },
  });
  const views = entryViews({
    records: [
      record("a", "2026-11-18", { place: "Nhà văn hóa ấp Phú Thạnh", theme: "Phòng cháy" }),
      record("b", "2026-10-09", { place: "Đình" }),
    ],
  });
  const found = (/** @type {string} */ query) => findEntries(query, views, () => "Tổ 12").map(({ id }) => id);
  for (const [query, ids] of /** @type {[string, string[]][]} */ ([
    ["thanh phu", ["a"]],
    ["chay phong", ["a"]],
    ["dinh", ["b"]],
    ["thang 11", ["a"]],
    ["10/2026", ["b"]],
    ["mau to 12", ["a", "b"]],
    ["nowhere", []],
    [" ", []],
  ]))
    assert.deepEqual(found(query), ids, query);
});

test("the first hour: what stands in the way of keeping things", () => {
  const good = {
    secure: true,
    agent: "Mozilla/5.0 (Linux; Android 13) Chrome/124",
    worker: true,
    database: true,
    standalone: false,
  };
  const iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1";
  for (const [more, trouble] of /** @type {[object, string | null][]} */ ([
    [{}, null],
    [{ secure: false }, "insecure"],
    [{ agent: `${good.agent} Zalo android/24` }, "in_app"],
    [{ agent: `${good.agent}; wv)` }, "in_app"],
    [{ agent: `${good.agent} [FBAN/FB4A]` }, "in_app"],
    [{ worker: false }, "unable"],
    [{ database: false }, "unable"],
    [{ agent: iPhone }, "iphone"],
    [{ agent: iPhone, standalone: true }, null],
    [{ agent: iPhone, worker: false }, "in_app"],
  ]))
    assert.equal(troubleOf({ ...good, ...more }), trouble, JSON.stringify(more));
});

test("side by side: what differs is marked, what nobody answered is left out", () => {
  const version = (/** @type {string} */ place, /** @type {string} */ present) => [
    { name: "Nơi họp", text: place },
    { name: "Số hộ dự", text: present },
    { name: "Chuyên đề", text: "" },
  ];
  assert.deepEqual(sideBySide([version("Đình", "21"), version("", "21")]), [
    { name: "Nơi họp", values: ["Đình", ""], differs: true, compared: true },
    { name: "Số hộ dự", values: ["21", "21"], differs: false, compared: true },
  ]);
  assert.equal(sideBySide([version("a", "1"), version("a", "1"), version("b", "1")])[0]?.differs, true);
  const withdrawal = [{ name: "Nơi họp", text: "Ghi nhầm" }];
  assert.deepEqual(
    sideBySide([withdrawal, version("", "21")]).map(({ name, values }) => [name, values]),
    [["Nơi họp", ["Ghi nhầm", ""]]],
    "what takes an entry back is not held against each of its fields",
  );
  assert.deepEqual(sideBySide([]), []);
});

test("several entries in one month are said with the month", () => {
  const twins = /** @type {any} */ ([{ meeting_date: "2026-11-18" }, { meeting_date: "2026-11-25" }]);
  assert.equal(twinText(twins, "2026-11-30"), "Tháng này tổ có 2 phiếu.");
  assert.equal(twinText(twins, "2026-12-01"), "Tháng 11/2026 tổ có 2 phiếu.");
});

test("the diary says when, what and with what result", () => {
  const line = (/** @type {object} */ row) => diaryLine({ id: 1, at: "2026-11-22T12:30:00.000Z", ...row });
  assert.deepEqual(
    line({ event: "pushed", codes: "applied/applied applied/applied quarantined/not_authorised" }),
    {
      at: "19:30 22/11/2026",
      what: "Gửi phiếu",
      result: "2 đã nhận, 1 bị giữ lại (not_authorised)",
    },
  );
  assert.match(
    line({ event: "failed", code: "captive_portal", reason: "open" }).result,
    /wifi.*captive_portal/,
  );
  assert.match(line({ event: "drifted", here: 3, there: 4 }).result, /máy này 3, máy chủ 4/);
  assert.deepEqual(line({ event: "from a later version", n: 3 }).what, "from a later version");
});

test("no words of an entry leave with the diary", () => {
  const said = { event: "anything", title: "Ông Tư than phiền", n: 2 };
  const text = diaryText([{ id: 1, at: "2026-11-22T12:30:00.000Z", ...said }], ["Gần Dân"]);
  assert.doesNotMatch(text, /Tư/);
  assert.match(text, /^Gần Dân\n\n19:30 22\/11\/2026 \| anything \| n 2$/);
});

test("a page that could not be shown is shown at the next change", async () => {
  let shows = 0;
  /** @type {unknown[]} */
  const failures = [];
  const run = oneAtATime(
    async () => {
      shows++;
      if (shows === 1) throw new Error("once");
    },
    (error) => failures.push(error),
  );
  await run();
  assert.deepEqual([shows, failures.length], [1, 1]);
  await run();
  assert.deepEqual([shows, failures.length], [2, 1]);
});

test("what changes while a page is being shown is shown after it, once, also after a failure", async () => {
  let shows = 0;
  /** @type {() => void} */
  let fail = () => {};
  const run = oneAtATime(
    () =>
      new Promise((resolve, reject) => {
        shows++;
        fail = () => reject(new Error("meanwhile"));
        if (shows > 1) resolve();
      }),
    () => {},
  );
  const first = run();
  await Promise.all([run(), run()]);
  fail();
  await first;
  assert.equal(shows, 2);
});
