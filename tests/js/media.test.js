import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { openStore } from "../../static/js/offline/database.js";
import { signOut } from "../../static/js/offline/leaving.js";
import { giveUpPhotos, lostPhotos } from "../../static/js/offline/lost_photos.js";
import { forgetPhotos, keepPhoto, owedPhotos, photoOf } from "../../static/js/offline/media.js";
import { freeze, saveAll, saveDraft, unacknowledged } from "../../static/js/offline/outbox.js";
import { createPhone } from "./support/phone.js";

const DAY = 86_400_000;
const SIZE = 100_000;

/** @param {number} seed @param {number} [size] @returns {ArrayBuffer} */
const picture = (seed, size = SIZE) =>
  Uint8Array.from({ length: size }, (_, place) => (place * seed) % 251).buffer;

/** @param {import("./support/phone.js").Phone} phone @param {number[]} seeds @param {Partial<Gandan.Operation>} [more] */
async function recordWith(phone, seeds, more = {}) {
  const photos = [];
  for (const seed of seeds)
    photos.push({ ...(await keepPhoto(phone.store, picture(seed), { now: phone.now })), caption: "Cống" });
  const body = { unit_id: "unit-1", meeting_date: "2026-11-18", ...(photos.length ? { photos } : {}) };
  return phone.save({ body, ...more });
}

/** @param {import("./support/phone.js").Phone} phone @param {number} seed */
const arrived = (phone, seed) => {
  const bytes = Buffer.from(picture(seed));
  const found = phone.server.photos.get(createHash("sha256").update(bytes).digest("hex"));
  return Boolean(found?.complete && found.bytes.equals(bytes));
};

test("the entry goes first, then each photo in one round trip, and both sides being sure it leaves the phone", async (t) => {
  const phone = await createPhone(t);
  const row = await recordWith(phone, [3, 7]);
  const before = await phone.sync.refresh();
  assert.deepEqual([before.unsent, before.photos.waiting], [1, 2]);
  const state = await phone.sync.run("save");
  assert.deepEqual([state.unsent, state.photos, state.problem], [0, { waiting: 0, sent: 2 }, null]);
  assert.equal(phone.server.effects[0].body.photos.length, 2);
  assert.equal(phone.server.effects[0].op_id, row.op_id);
  assert.ok(arrived(phone, 3) && arrived(phone, 7));
  const way = phone.server.requests.map(({ method, path }) => `${method} ${path.split(/[?0-9a-f]{9}/)[0]}`);
  assert.deepEqual(way.slice(0, 2), ["POST /sync/push", way[1]]);
  assert.equal(phone.server.uploads.length, 2, "one round trip each");
  assert.equal(await phone.store.count("media"), 0);
  assert.equal(await phone.store.count("blobs"), 0);
  assert.deepEqual(await phone.store.meta("uploads"), {});
});

test("the same photo twice is one, on the phone and on the way", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  await recordWith(phone, [3]);
  assert.equal(await phone.store.count("media"), 1);
  const state = await phone.sync.run("save");
  assert.equal(state.photos.sent, 1);
  assert.equal(phone.server.uploads.length, 1);
});

test("a photo that the server has already is complete at once", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  await phone.sync.run("save");
  await recordWith(phone, [3]);
  const state = await phone.sync.run("button");
  assert.equal(state.photos.waiting, 0);
  assert.equal(phone.server.uploads.length, 2);
});

test("a lost answer: the server is asked, and nothing is sent again", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  phone.server.always = ({ path }) => (path.startsWith("/sync/media/") ? "lose the answer" : undefined);
  let state = await phone.sync.run("save");
  assert.deepEqual([state.unsent, state.photos.waiting, state.problem?.code], [0, 1, "unreachable"]);
  phone.server.always = null;
  state = await phone.sync.run("button");
  assert.equal(state.photos.waiting, 0);
  assert.deepEqual(
    phone.server.uploads.map(({ method }) => method),
    ["PATCH", "HEAD"],
  );
});

for (const cut of [0, 1, 8_191, 8_192, 50_000, SIZE - 1, SIZE]) {
  test(`cut after ${cut} bytes it goes on from there`, async (t) => {
    const phone = await createPhone(t);
    await recordWith(phone, [3]);
    const [{ sha256 } = { sha256: "" }] = await owedPhotos(phone.store);
    phone.server.always = ({ path }) => {
      if (!path.startsWith("/sync/media/")) return;
      // What came through before the line broke is kept by a server that reads as it comes.
      phone.server.photos.set(sha256, {
        bytes: Buffer.from(picture(3)).subarray(0, cut),
        complete: cut === SIZE,
      });
      throw new TypeError("Failed to fetch");
    };
    assert.equal((await phone.sync.run("save")).problem?.code, "unreachable");
    phone.server.always = null;
    const state = await phone.sync.run("button");
    assert.equal(state.photos.waiting, 0);
    assert.ok(arrived(phone, 3));
    const bytes = phone.server.uploads.slice(1).reduce((sum, one) => sum + (one.bytes?.length ?? 0), 0);
    assert.equal(bytes, SIZE - cut, "only what was missing");
  });
}

test("a line that breaks again and again still brings it over, in smaller and smaller pieces", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  phone.server.always = ({ init }) => {
    const size = /** @type {ArrayBuffer | undefined} */ (init.body)?.byteLength ?? 0;
    if (init.method === "PATCH" && size > 9_000) throw new TypeError("Failed to fetch");
  };
  let runs = 0;
  for (; runs < 40 && (await owedPhotos(phone.store)).length; runs++) await phone.sync.run("button");
  assert.ok(arrived(phone, 3));
  assert.ok(runs < 40, String(runs));
});

test("a crash between the answer and its note asks the server and sends nothing twice", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  const write = phone.store.write;
  phone.store.write = (names, work) =>
    names.includes("media") && names.includes("meta") && !names.includes("outbox")
      ? Promise.reject(new Error("the phone went dark"))
      : write(names, work);
  await phone.sync.run("save");
  assert.ok(arrived(phone, 3));
  const { store, sync } = await phone.window(); // started again
  assert.equal((await owedPhotos(store)).length, 1, "not forgotten before it is sure");
  assert.ok(await photoOf(store, String((await owedPhotos(store))[0]?.sha256)));
  const state = await sync.run("open");
  assert.equal(state.photos.waiting, 0);
  assert.deepEqual(
    phone.server.uploads.map(({ method }) => method),
    ["PATCH", "HEAD"],
  );
});

test("no byte goes before the entry was answered for", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  phone.server.verdicts.set((await phone.store.all("outbox"))[0].record_id, () => ({ outcome: "retry" }));
  const state = await phone.sync.run("save");
  assert.deepEqual([state.unsent, state.photos.waiting], [1, 1]);
  assert.equal(phone.server.uploads.length, 0);
});

test("an entry held back sends its photos and keeps them here until it is settled", async (t) => {
  const phone = await createPhone(t);
  const row = await recordWith(phone, [3]);
  phone.server.verdicts.set(row.record_id, () => ({ outcome: "quarantined", code: "not_authorised" }));
  assert.equal((await phone.sync.run("save")).photos.waiting, 0);
  assert.ok(arrived(phone, 3));
  assert.equal(await phone.store.count("blobs"), 1);
  const [sent] = await phone.store.all("sent");
  await phone.store.put("sent", { ...sent, fate: "released" });
  assert.equal((await forgetPhotos(phone.store, phone.time)).length, 1);
  assert.equal(await phone.store.count("blobs"), 0);
});

test("a photo taken out before it was sent is never sent", async (t) => {
  const phone = await createPhone(t);
  const row = await recordWith(phone, [3]);
  await phone.save({ id: row.record_id, base_rev: 1, body: { unit_id: "unit-1" } });
  const state = await phone.sync.run("save");
  assert.equal(state.photos.waiting, 0);
  assert.equal(phone.server.uploads.length, 0);
  assert.equal(await phone.store.count("blobs"), 1, "somebody may just be adding it");
  phone.time += 2 * DAY;
  await phone.sync.run("button");
  assert.equal(await phone.store.count("blobs"), 0);
});

test("a second version takes no photo out of the first, whether that waits or was sent", async (t) => {
  for (const sent of [false, true]) {
    const phone = await createPhone(t);
    phone.server.always = ({ path }) => (path.startsWith("/sync/media/") ? "lose the answer" : undefined);
    const row = await recordWith(phone, [3], { form: "a" });
    if (sent) await phone.sync.run("save");
    await phone.save({ id: row.record_id, base_rev: 0, body: { unit_id: "unit-1" }, form: "b" });
    phone.server.always = null;
    phone.time += DAY;
    await phone.sync.run("button");
    assert.ok(arrived(phone, 3));
  }
});

test("a second version takes no photo away from the first: not from one that waits, was answered, or came from elsewhere", async (t) => {
  const before =
    /** @type {Record<string, (phone: import("./support/phone.js").Phone, id: string) => Promise<unknown>>} */ ({
      waits: async () => {},
      "was answered": async (phone, id) => {
        const [row] = await phone.store.all("outbox");
        await phone.store.put("sent", { ...row, record_id: id, outcome: "applied", acknowledged_at: "" });
        await phone.store.remove("outbox", row.op_id);
      },
      "another phone went on with it": async (phone, id) => {
        const [row] = await phone.store.all("outbox");
        await phone.store.remove("outbox", row.op_id);
        await phone.store.put("records", {
          id,
          kind: "meeting",
          unit_id: "unit-1",
          rev: 2,
          state: "submitted",
        });
      },
    });
  for (const [name, happens] of Object.entries(before)) {
    const phone = await createPhone(t);
    const { sha256, size } = await keepPhoto(phone.store, picture(3), { now: phone.now });
    const body = { unit_id: "unit-1", photos: [{ sha256, size, caption: "" }] };
    const save = (/** @type {string | undefined} */ form, /** @type {Gandan.Body} */ said, base_rev = 0) =>
      saveAll(phone.store, [{ kind: "meeting.save", id: "m", base_rev, body: said, form }]);
    await save("a", body);
    await happens(phone, "m");
    await save("b", { unit_id: "unit-1" });
    await save("b", { unit_id: "unit-1", place: "Đình" });
    assert.deepEqual(
      (await owedPhotos(phone.store)).map((one) => one.sha256),
      [sha256],
      name,
    );
    await save(undefined, { unit_id: "unit-1" }, 5); // in the knowledge of all
    assert.deepEqual(await owedPhotos(phone.store), [], name);
  }
});

test("what is saved on top of a second version takes no photo out of the first either", async (t) => {
  const phone = await createPhone(t);
  const body = { unit_id: "unit-1", meeting_date: "2026-11-18" };
  const first = await recordWith(phone, [3], { form: "a" });
  const second = await phone.save({ id: first.record_id, form: "b", body });
  const secret = { device: phone.server.device.id, sign: async () => "x" };
  await freeze(phone.store, (await unacknowledged(phone.store)).rows, secret);
  const seen = { op_id: second.op_id, form: "b" };
  await phone.save({ id: first.record_id, form: "c", base_rev: second.rev, seen, body });
  assert.equal((await phone.store.all("outbox")).length, 3);
  assert.equal((await owedPhotos(phone.store)).length, 1);
});

test("what a draft names is kept, however old; what nothing names goes", async (t) => {
  const phone = await createPhone(t);
  const kept = await keepPhoto(phone.store, picture(3), { now: phone.now });
  const gone = await keepPhoto(phone.store, picture(7), { now: phone.now });
  const draft = {
    id: "d",
    kind: /** @type {const} */ ("meeting"),
    unit_id: "u",
    base_rev: 0,
    updated_at: "",
  };
  await saveDraft(phone.store, { ...draft, body: {}, photos: [kept.sha256] });
  assert.deepEqual(await forgetPhotos(phone.store, phone.time), []);
  assert.deepEqual(await forgetPhotos(phone.store, phone.time + 40 * DAY), [gone.sha256]);
  assert.equal((await photoOf(phone.store, kept.sha256))?.size, SIZE);
  assert.equal(await photoOf(phone.store, gone.sha256), null);
});

test("the entry and what it names are saved together or not at all", async (t) => {
  const phone = await createPhone(t);
  const { sha256, size } = await keepPhoto(phone.store, picture(3), { now: phone.now });
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, ...key) {
    if (this.name === "media") throw new DOMException("full", "QuotaExceededError");
    return put.call(this, value, ...key);
  };
  t.after(() => {
    IDBObjectStore.prototype.put = put;
  });
  const body = { unit_id: "unit-1", photos: [{ sha256, size, caption: "" }] };
  await assert.rejects(saveAll(phone.store, [{ kind: "meeting.save", id: "m", base_rev: 0, body }]));
  assert.equal(await phone.store.count("outbox"), 0);
});

test("another person's photo of the same name changes nothing: bytes that do not fit start over, then wait", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3, 7]);
  const [first] = await owedPhotos(phone.store);
  phone.server.always = ({ path, init }) =>
    init.method === "PATCH" && path.endsWith(String(first?.sha256))
      ? new Response(null, {
          status: 422,
          headers: { "Gandan-Protocol": "2", "Upload-Offset": "0", "Upload-Complete": "?0" },
        })
      : undefined;
  let state = await phone.sync.run("save");
  assert.deepEqual([state.photos.waiting, state.problem?.code], [1, "photo_refused"]);
  assert.ok(arrived(phone, 7), "its neighbour is not delayed");
  phone.server.always = null;
  state = await phone.sync.run("button");
  assert.deepEqual([state.photos.waiting, state.problem], [0, null]);
});

for (const [status, code, problem] of /** @type {[number, string, string][]} */ ([
  [401, "sign_in_required", "sign_in_required"],
  [503, "overloaded", "overloaded"],
  [500, "internal", "server_error"],
  [413, "too_large", "photo_refused"],
  [413, "photos_waiting", "photos_waiting"],
  [403, "revoked_device", "revoked_device"],
])) {
  test(`an upload answered with ${status} is told as ${problem} and nothing is lost`, async (t) => {
    const phone = await createPhone(t);
    await recordWith(phone, [3]);
    phone.server.always = ({ path }) =>
      path.startsWith("/sync/media/") ? phone.server.refuse(status, code) : undefined;
    const state = await phone.sync.run("save");
    assert.deepEqual([state.unsent, state.photos.waiting, state.problem?.code], [0, 1, problem]);
    assert.equal(await phone.store.count("blobs"), 1);
  });
}

test("an answer without our header is a captive portal, also to a photo", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  phone.server.always = ({ path }) =>
    path.startsWith("/sync/media/")
      ? new Response(null, { status: 204, headers: { "Upload-Offset": `${SIZE}`, "Upload-Complete": "?1" } })
      : undefined;
  const state = await phone.sync.run("save");
  assert.deepEqual([state.photos.waiting, state.problem?.code], [1, "captive_portal"]);
});

test("a photo does not go up in the name of whoever signed in meanwhile", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  const { device } = phone.server;
  phone.server.always = ({ path }) => {
    if (path === "/sync/push") phone.server.device = { ...device, id: "device-2" };
  };
  const state = await phone.sync.run("save");
  assert.deepEqual([state.unsent, state.photos.waiting, state.problem?.code], [0, 1, "wrong_person"]);
  assert.equal(phone.server.photos.size, 0);
  phone.server.always = null;
  phone.server.device = device;
  assert.deepEqual((await phone.sync.run("session")).photos, { waiting: 0, sent: 1 });
});

test("a photo that never gets through does not stand in the way of the next", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3, 7, 9]);
  const bad = createHash("sha256")
    .update(Buffer.from(picture(3)))
    .digest("hex");
  phone.server.always = ({ path }) => (path.includes(bad) ? phone.server.refuse(500, "internal") : undefined);
  await phone.sync.run("save");
  const state = await phone.sync.run("button");
  assert.ok(arrived(phone, 7) && arrived(phone, 9));
  assert.deepEqual([state.photos.waiting, state.problem?.code], [1, "server_error"]);
  phone.server.always = null;
  assert.equal((await phone.sync.run("button")).photos.waiting, 0);
});

test("news that cannot be told keeps no photo back", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  phone.server.always = ({ path }) =>
    path.startsWith("/sync/pull") ? phone.server.refuse(500, "internal") : undefined;
  const state = await phone.sync.run("button");
  assert.ok(arrived(phone, 3));
  assert.equal(state.problem?.code, "server_error");
});

test("what the server refuses again and again is sent no more until somebody asks for it", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  phone.server.always = ({ path, init }) =>
    path.startsWith("/sync/media/") && init.method === "PATCH"
      ? phone.server.refuse(413, "too_large")
      : undefined;
  for (let n = 0; n < 8; n++) {
    phone.time += DAY / 24;
    const state = await phone.sync.run("timer");
    assert.deepEqual([state.photos.waiting, state.problem?.code], [1, "photo_refused"]);
  }
  const sent = () => phone.server.uploads.filter(({ method }) => method === "PATCH").length;
  assert.equal(sent(), 3);
  await phone.sync.run("button");
  assert.equal(sent(), 4);
  phone.server.always = null;
  assert.equal((await phone.sync.run("button")).photos.waiting, 0);
});

test("an entry saved meanwhile goes before the next piece", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3, 7]);
  let saved = false;
  phone.server.always = async ({ init }) => {
    if (init.method !== "PATCH" || saved) return;
    saved = true;
    await phone.save();
    phone.sync.run("save");
  };
  await phone.sync.run("save");
  const kinds = phone.server.requests
    .filter(({ path }) => !path.startsWith("/sync/pull"))
    .map(({ method }) => method);
  assert.deepEqual(kinds, ["POST", "PATCH", "POST", "PATCH"]);
});

test("nobody signs out while a photo waits", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  phone.server.always = ({ path }) =>
    path.startsWith("/sync/media/") ? phone.server.refuse(503, "overloaded") : undefined;
  await phone.sync.run("save");
  const { ok, problem } = await signOut(phone.store, { fetch: phone.server.fetch });
  assert.deepEqual([ok, problem?.code], [false, "unsent_photos"]);
});

/** As Chromium answers when the file is gone in which it keeps a large value. @param {Gandan.Store} store @param {string[]} gone */
function losing(store, gone) {
  const { get } = store;
  store.get = async (from, key) => {
    if (from === "blobs" && gone.includes(key))
      throw new DOMException("Data lost due to missing file.", "NotReadableError");
    return get(from, key);
  };
}

for (const how of ["the file in which the browser kept it", "its row"]) {
  test(`a photo is lost with ${how}: told as such, sent never, its neighbour all the same`, async (t) => {
    const phone = await createPhone(t);
    await recordWith(phone, [3, 7]);
    const [lost] = await owedPhotos(phone.store);
    assert.ok(lost);
    if (how === "its row") await phone.store.remove("blobs", lost.sha256);
    else losing(phone.store, [lost.sha256]);
    const state = await phone.sync.run("save");
    assert.deepEqual(
      [state.photos.waiting, state.problem?.code, state.problem?.tap],
      [1, "photo_missing", "device"],
    );
    assert.ok(arrived(phone, 7));
    const sources = { fetch: phone.server.fetch };
    assert.equal((await signOut(phone.store, sources)).problem?.code, "photo_missing");
    assert.deepEqual(await lostPhotos(phone.store), [lost]);
    await giveUpPhotos(phone.store, [lost]);
    assert.deepEqual(await phone.store.all("media"), []);
    assert.deepEqual(await phone.store.meta("uploads"), {});
    const after = await phone.sync.run("open");
    assert.deepEqual([after.photos.waiting, after.problem], [0, null]);
  });
}

test("a photo lost on the phone that the server has is no loss", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  const [lost] = await owedPhotos(phone.store);
  phone.server.photos.set(String(lost?.sha256), { bytes: Buffer.from(picture(3)), complete: true });
  await phone.store.remove("blobs", String(lost?.sha256));
  const state = await phone.sync.run("save");
  assert.deepEqual([state.photos.waiting, state.problem], [0, null]);
});

test("only what is lost is given up: nothing that can be sent, nor what was taken again meanwhile", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3, 7]);
  const owed = await owedPhotos(phone.store);
  const gone = [String(owed[0]?.sha256)];
  losing(phone.store, gone);
  const sources = { fetch: phone.server.fetch };
  assert.equal((await signOut(phone.store, sources)).problem?.code, "unsent", "the entry itself");
  phone.server.always = ({ path }) =>
    path.startsWith("/sync/media/") ? phone.server.refuse(503, "overloaded") : undefined;
  await phone.sync.run("save");
  assert.equal((await signOut(phone.store, sources)).problem?.code, "unsent_photos", "one can still be sent");
  const lost = await lostPhotos(phone.store);
  assert.deepEqual(lost, [owed[0]]);
  phone.time += 3_600_000;
  gone.pop();
  await keepPhoto(phone.store, picture(3), { now: phone.now });
  await giveUpPhotos(phone.store, lost);
  assert.equal((await owedPhotos(phone.store)).length, 2);
  phone.server.always = null;
  await phone.sync.run("button");
  assert.ok(arrived(phone, 3) && arrived(phone, 7));
});

test("that the notebook cannot be read just now is no loss of a photo", async (t) => {
  const phone = await createPhone(t);
  await recordWith(phone, [3]);
  phone.store.get = async () => {
    throw Object.assign(new Error("dying"), { code: "unavailable" });
  };
  await assert.rejects(lostPhotos(phone.store), { code: "unavailable" });
});

test("a notebook of the first version gets its new drawers and keeps what is in it", async (t) => {
  const indexedDB = new IDBFactory();
  await new Promise((resolve) => {
    const request = indexedDB.open("gandan-o", 1);
    request.onupgradeneeded = () => {
      for (const [name, key] of Object.entries({
        drafts: "id",
        outbox: "op_id",
        sent: "op_id",
        records: "id",
        units: "id",
        meta: "key",
      })) {
        const made = request.result.createObjectStore(name, { keyPath: key });
        if (["outbox", "sent"].includes(name)) made.createIndex("record_id", "record_id");
      }
      request.result.createObjectStore("diary", { keyPath: "id", autoIncrement: true });
      request.transaction
        ?.objectStore("drafts")
        .put({ id: "d", unit_id: "u", updated_at: "", box: { body: { place: "Đình" } } });
    };
    request.onsuccess = () => resolve(request.result.close());
  });
  const store = await openStore("o", { indexedDB, Channel: null });
  t.after(() => store.close());
  assert.equal((await store.get("drafts", "d")).body.place, "Đình");
  assert.equal((await keepPhoto(store, picture(3))).size, SIZE);
  assert.equal(await store.count("blobs"), 1);
});
