import assert from "node:assert/strict";
import { test } from "node:test";
import { readBody, rowPath, setValue, snapshot, textOf, tidy } from "../../static/js/forms/body.js";
import { faultsOf, isInFuture } from "../../static/js/forms/checks.js";
import { personIn } from "../../static/js/forms/privacy.js";
import { area, box, date, form, hidden, number, radio, select, text, time } from "./support/form.js";

test("what looks as if it named a person", () => {
  for (const [said, found] of [
    ["Đề nghị ông Tư xem lại cống", "ông Tư"],
    ["Bà Nguyễn Thị Mẫu trình bày", "Bà Nguyễn Thị Mẫu"],
    ["Gặp Nguyễn Văn Mẫu ở chợ", "Nguyễn Văn Mẫu"],
    ["Liên hệ 0912 345 678", "0912 345 678"],
    ["gọi +84912345678 nha", "+84912345678"],
    ["CCCD 012345678901", "012345678901"],
    ["CMND 123456789", "123456789"],
    ["hộ Danh Mẫu", "hộ Danh Mẫu"],
  ])
    assert.equal(personIn(said ?? ""), found, said);
});

test("what names nobody is left alone", () => {
  for (const said of [
    "",
    "Nạo vét kênh Nguyễn Văn Tiếp",
    "Sửa đường Lê Lợi, cầu Trần Phú",
    "Bà con đồng tình cao",
    "Ông bà nào cũng muốn có đèn",
    "Góp 123456789 đ làm đường",
    "27/29 hộ dự, góp 15000000 đồng",
    "Học tập tư tưởng Hồ Chí Minh",
  ])
    assert.equal(personIn(said), null, said);
  assert.equal(personIn("ông Tư".normalize("NFD")), "ông Tư", "however the marks are typed");
});

test("the name of a row's field", () => {
  assert.deepEqual(rowPath("opinions-12-text"), ["opinions", 12, "text"]);
  for (const name of ["summary", "opinions-text", "opinions--text", "a-b-c"])
    assert.equal(rowPath(name), null);
  assert.equal(tidy("  a\u0302́ "), "ấ");
});

test("a body says what was said, and nothing of what stands as it came", () => {
  const { meeting, petitions } = readBody(
    form(
      hidden("csrf_token", "x"),
      hidden("id", "m"),
      select("unit_id", "u", { options: [{ value: "", defaultSelected: true }] }),
      radio("status", "held", { checked: true, defaultChecked: true }),
      radio("status", "not_held"),
      date("meeting_date", "2026-11-18", { defaultValue: "2026-11-18" }),
      number("households_present", "27"),
      number("speaking_turns", ""),
      text("place", "  Nhà văn hóa "),
      text("theme", "không hỏi", { disabled: true }),
      box("nothing_raised", false),
      area("conveyed-0-text", "   "),
      area("conveyed-1-text", "Phòng chống sốt xuất huyết"),
      select("opinions-0-topic", "roads"),
      area("opinions-0-text", "Đường lầy"),
      hidden("petitions-0-id", "p"),
      hidden("petitions-0-rev", "2"),
      area("petitions-0-title", "Đắp đường"),
      hidden("petitions-1-id", ""),
      hidden("petitions-1-rev", ""),
      area("petitions-1-title", ""),
    ),
  );
  assert.deepEqual(meeting, {
    unit_id: "u",
    meeting_date: "2026-11-18",
    households_present: 27,
    place: "Nhà văn hóa",
    conveyed: [{ text: "Phòng chống sốt xuất huyết" }],
    opinions: [{ topic: "roads", text: "Đường lầy" }],
  });
  assert.deepEqual(petitions, [{ id: "p", rev: 2, body: { title: "Đắp đường" } }]);
});

test("what stands in the form is taken letter for letter, and put back", () => {
  const fields = [
    text("place", " a "),
    box("nothing_raised"),
    radio("status", "held"),
    radio("status", "not_held"),
  ];
  const page = form(...fields);
  setValue(page, "status", "not_held");
  assert.deepEqual(snapshot(page), [
    ["place", " a "],
    ["nothing_raised", true],
    ["status", "not_held"],
  ]);
  setValue(page, "place", null);
  assert.equal(textOf(page, "place"), "");
  assert.equal(textOf(page, "no such field"), "");
});

const held = (/** @type {any[]} */ ...more) =>
  form(radio("status", "held", { checked: true, defaultChecked: true }), ...more);
const messages = (/** @type {HTMLFormElement} */ page) =>
  Object.fromEntries(faultsOf(page).map(({ name, message }) => [name, message]));

test("each bound is told beside its field", () => {
  const found = messages(
    held(
      number("households_present", "600", { max: "500" }),
      number("households_total", "0", { min: "1" }),
      number("speaking_turns", "1.5"),
      text("place", "x".repeat(4), { dataset: { maxlength: "3" } }),
      area("reason", "ab", { dataset: { minlength: "3" } }),
      area("summary", "a\u0007b"),
      time("start", "x", { validity: { badInput: true } }),
      date("meeting_date", "", { required: true }),
      select("unit_id", "", { required: true }),
    ),
  );
  assert.deepEqual(found, {
    households_present: "Số phải từ 500 trở xuống.",
    households_total: "Số phải từ 1 trở lên.",
    speaking_turns: "Cần một số nguyên.",
    place: "Dài quá: nhiều nhất 3 chữ cái.",
    reason: "Viết ít nhất 3 chữ cái.",
    summary: "Nội dung có ký tự không đọc được.",
    start: "Giờ không đúng.",
    meeting_date: "Cần điền ô này.",
    unit_id: "Cần chọn một mục.",
  });
});

test("a year typed by half is told beside its field", () => {
  for (const value of ["0002-11-18", "0202-11-18", "2200-01-01", "12026-11-18"])
    assert.deepEqual(
      messages(held(number("households_present", "9"), date("meeting_date", value))),
      { meeting_date: "Ngày không đúng." },
      value,
    );
  for (const value of ["", "1900-01-01", "2026-11-18", "2199-12-31"])
    assert.deepEqual(
      messages(held(number("households_present", "9"), date("meeting_date", value))),
      {},
      value,
    );
});

test("letters are counted as people count them, tidied first", () => {
  const fits = text("place", ` ${"ấ".normalize("NFD").repeat(3)} `, { dataset: { maxlength: "3" } });
  assert.deepEqual(messages(held(number("households_present", "1"), fits)), {});
});

test("answers that cannot both be true", () => {
  const one = (/** @type {any[]} */ ...more) => messages(held(...more));
  assert.equal(one(number("households_present", "")).households_present, "Ghi số hộ dự họp.");
  const [present, total] = [number("households_present", "30"), number("households_total", "29")];
  assert.equal(one(present, total).households_present, "Số hộ dự nhiều hơn tổng số hộ của tổ.");
  const clock = one(number("households_present", "1"), time("start", "19:00"), time("end", "18:00"));
  assert.equal(clock.end, "Giờ kết thúc phải sau giờ bắt đầu.");
  const raised = one(
    number("households_present", "1"),
    box("nothing_raised"),
    area("petitions-0-title", "Đường"),
  );
  assert.equal(raised.nothing_raised, "Đã ghi kiến nghị thì bỏ chọn ô này.");
  const not = form(radio("status", "not_held", { checked: true }), select("not_held_reason", ""));
  assert.equal(messages(not).not_held_reason, "Chọn lý do không họp.");
});

test("a row in which nothing was said may stay; a begun one must be finished", () => {
  const rows = (/** @type {string} */ topic) => [
    number("households_present", "1"),
    select("opinions-0-topic", topic, { required: true }),
    area("opinions-0-text", "", { required: true }),
  ];
  assert.deepEqual(messages(held(...rows(""))), {});
  assert.deepEqual(messages(held(...rows("roads"))), { "opinions-0-text": "Cần điền ô này." });
});

test("the faults come in the order of the page, and what does not apply has none", () => {
  const page = held(
    select("unit_id", "", { required: true }),
    number("households_present", ""),
    text("theme", "", { required: true, disabled: true }),
  );
  assert.deepEqual(
    faultsOf(page).map(({ name }) => name),
    ["unit_id", "households_present"],
  );
  assert.equal(isInFuture(form(date("meeting_date", "2026-11-23")), "2026-11-22"), true);
  assert.equal(isInFuture(form(date("meeting_date", "2026-11-22")), "2026-11-22"), false);
});
