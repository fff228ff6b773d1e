import assert from "node:assert/strict";
import { test } from "node:test";
import { byOrder, nameOf, ordered } from "../../static/js/offline/units.js";

/** @param {string} id @param {string} name @param {string | null} [parent_id] @returns {Gandan.Unit} */
const unit = (id, name, parent_id = null) => ({ id, name, parent_id, type: "group", mine: true });

test("units stand in Vietnamese order, with the number of a group as a number", () => {
  const names = ["Ấp Đông", "Tổ 10", "Ấp An", "Tổ 2", "Ấp Ẩn", "Ấp Dinh", "Ấp Ăn"];
  const found = ordered(names.map((name) => unit(name, name)));
  assert.deepEqual(
    found.map(({ name }) => name),
    ["Ấp An", "Ấp Ăn", "Ấp Ẩn", "Ấp Dinh", "Ấp Đông", "Tổ 2", "Tổ 10"],
  );
  assert.deepEqual(
    found.map(({ order }) => order),
    [0, 1, 2, 3, 4, 5, 6],
  );
});

test("groups of one number stand by their hamlets", () => {
  const hamlets = [unit("b", "Ấp Bình"), unit("a", "Ấp An")];
  const groups = [unit("1b", "Tổ 1", "b"), unit("2a", "Tổ 2", "a"), unit("1a", "Tổ 1", "a")];
  const found = ordered([...hamlets, ...groups]);
  assert.deepEqual(
    found.map((one) => nameOf(found, one)),
    ["Ấp An", "Ấp Bình", "Tổ 1 · Ấp An", "Tổ 1 · Ấp Bình", "Tổ 2 · Ấp An"],
  );
});

test("what an older version of the app stored is put in order by name", () => {
  const [ten, two] = [unit("10", "Tổ 10"), unit("2", "Tổ 2")];
  assert.deepEqual([ten, two].sort(byOrder), [two, ten]);
  assert.deepEqual([{ ...two, order: 1 }, ten].sort(byOrder)[0]?.name, "Tổ 2");
  assert.deepEqual(
    [
      { ...two, order: 1 },
      { ...ten, order: 0 },
    ].sort(byOrder)[0]?.name,
    "Tổ 10",
  );
});
