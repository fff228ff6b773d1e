// Writes what a phone of the present version holds, with something of everything in it. To be run once, when the
// version of the database in database.js is raised: node tests/js/released/freeze.js > tests/js/released/3.json
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { openRegistry, openStore } from "../../../static/js/offline/database.js";
import { keepPhoto } from "../../../static/js/offline/media.js";
import { acknowledge, freeze as fix, saveAll, saveDraft } from "../../../static/js/offline/outbox.js";
import { applyPage } from "../../../static/js/offline/pages.js";
import { signer } from "../../../static/js/offline/transport.js";
import { freeze, written } from "../support/frozen.js";
import { START } from "../support/phone.js";
import { OFFICER, SECRET } from "../support/server.js";

const indexedDB = new IDBFactory();
let time = START;
const now = () => time++;
const registry = openRegistry({ indexedDB });
await registry.setCurrent(
  /** @type {any} */ ({ ...OFFICER, may_review: false, demonstration: true, device: "device-1" }),
);
registry.close();
const store = await openStore(OFFICER.id, { indexedDB, Channel: null, now });
await store.put("meta", { key: "session", device: "device-1", revoked: false, secret: SECRET });
await store.setMeta({ cursor: "c1", last_pull: START, last_check: START, clock_offset: -250 });
await applyPage(store, {
  cursor: "c1",
  scope: { units: [{ id: "unit-1", type: "group", name: "Tổ NDTQ số 7", mine: true, households: 29 }] },
  entries: [
    {
      id: "known",
      seq: 4,
      unit_id: "unit-1",
      author: OFFICER,
      rev: 1,
      state: "returned",
      meeting_date: "2026-10-18",
      receipt: "R0",
      body: { unit_id: "unit-1", meeting_date: "2026-10-18", summary: "Sửa đường." },
      revisions: [],
      reviews: [],
    },
  ],
});
/** @param {string} summary @param {object} [more] */
const meeting = (summary, more) => ({
  unit_id: "unit-1",
  meeting_date: "2026-11-18",
  households_present: 27,
  summary,
  ...more,
});
/** @param {string} id @param {number} fill */
const photo = async (id, fill) => ({
  ...(await keepPhoto(store, new Uint8Array(900).fill(fill).buffer, { now })),
  caption: id,
});
/** @param {string} id @param {Gandan.Body} body @param {number} [base_rev] */
const save = async (id, body, base_rev = 0) => {
  const [row] = await saveAll(store, [{ kind: "meeting.save", id, base_rev, body }], { now });
  return /** @type {Gandan.Row} */ (row);
};
const by = { device: "device-1", sign: await signer(SECRET, crypto.subtle) };
const answered = await save("answered", meeting("Đã có biên nhận."));
const held = await save("held", meeting("Còn chờ rà soát."));
await fix(store, [answered, held], by);
await acknowledge(
  store,
  [
    {
      op_id: answered.op_id,
      outcome: "applied",
      code: "applied",
      message: "Đã nhận.",
      receipt: "R1",
      received_at: "2026-11-22T12:00:00.000Z",
    },
    {
      op_id: held.op_id,
      outcome: "quarantined",
      code: "not_authorised",
      message: "Chờ.",
      receipt: "Q1",
      received_at: "2026-11-22T12:00:00.000Z",
    },
  ],
  { now },
);
const photos = [await photo("Cống", 1)];
await fix(store, [await save("tried", meeting("Đã gửi một lần.", { photos }))], by);
await save("tried", meeting("Sửa sau khi gửi.", { photos }), 1);
await save("new", meeting("Chưa gửi lần nào.", { photos: [await photo("Đường", 2)] }));
await save("known", meeting("Sửa theo góp ý."), 1);
const { sha256 } = await photo("Nhà văn hóa", 3);
await saveDraft(store, {
  id: "draft",
  kind: "meeting",
  unit_id: "unit-1",
  base_rev: 0,
  updated_at: "2026-11-22T12:00:00.000Z",
  photos: [sha256],
  body: meeting("Đang ghi dở", { photos: [{ sha256, size: 900, caption: "" }] }),
});
await store.setMeta({ uploads: { [photos[0]?.sha256 ?? ""]: { offset: null, piece: 500 } } });
await store.note("pushed", { codes: "applied/applied" });
store.close();
process.stdout.write(
  written([await freeze(indexedDB, "gandan"), await freeze(indexedDB, `gandan-${OFFICER.id}`)]),
);
