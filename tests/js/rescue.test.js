import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { uuid7 } from "../../static/js/offline/ids.js";
import { keepRescueKey, makeRescueFile, storedGzip, watchRescueKey } from "../../static/js/offline/rescue.js";
import { createPhone } from "./support/phone.js";
import { OFFICER, SECRET } from "./support/server.js";

const VECTOR = JSON.parse(readFileSync(new URL("../webapp/rescue/vector.json", import.meta.url), "utf8"));
const { d: _, ...PUBLIC } = VECTOR.server_private_key;
const ANSWER = { kid: VECTOR.kid, public_key: PUBLIC };

const bytesOf = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, "base64url"));

/** Open a file with the server's private key, from the protocol page alone. @param {any} file */
async function open(file) {
  const { subtle } = globalThis.crypto;
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const own = await subtle.importKey("jwk", VECTOR.server_private_key, curve, false, ["deriveBits"]);
  const theirs = await subtle.importKey("jwk", file.ephemeral, curve, false, []);
  const shared = await subtle.deriveBits({ name: "ECDH", public: theirs }, own, 256);
  const secret = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode("gandan-rescue-1");
  const key = await subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info },
    secret,
    { name: "AES-GCM", length: 256 },
    false,
    ["decrypt"],
  );
  const additionalData = new TextEncoder().encode(file.kid);
  const how = { name: "AES-GCM", iv: bytesOf(file.iv), additionalData };
  const packed = await subtle.decrypt(how, key, bytesOf(file.sealed));
  return JSON.parse(gunzipSync(new Uint8Array(packed)).toString());
}

/** @param {{bytes: Uint8Array}} made */
const fileIn = ({ bytes }) => JSON.parse(new TextDecoder().decode(bytes));

/** A phone that has heard the server once and now has no network. @param {import("node:test").TestContext} t */
async function offline(t) {
  const phone = await createPhone(t);
  const sources = { fetch: async () => phone.server.json(ANSWER), online: () => true, now: phone.now };
  await keepRescueKey(phone.store, sources);
  phone.isOnline = false;
  phone.server.always = () => {
    throw new TypeError("Failed to fetch");
  };
  return phone;
}

test("the vector opens: this test reads files as the server does", async () => {
  assert.deepEqual(await open(VECTOR.file), JSON.parse(VECTOR.content));
});

test("without a network everything that waits is sealed, signed and final", async (t) => {
  const phone = await offline(t);
  const first = await phone.save();
  phone.time += 60_000;
  await phone.save();
  await phone.save({ id: first.record_id, base_rev: 1 });
  const made = await makeRescueFile(phone.store, { now: phone.now });
  assert.equal(made.count, 2, "the first form was saved twice before anybody tried to send it");
  assert.match(made.name, /^gan-dan-du-phong-20261122-\d{4}\.gandan$/);

  const file = fileIn(made);
  assert.deepEqual(Object.keys(file), ["gandan_rescue", "kid", "ephemeral", "iv", "sealed"]);
  assert.deepEqual(Object.keys(file.ephemeral), ["kty", "crv", "x", "y"]);
  const content = await open(file);
  assert.deepEqual([content.officer, content.device], [OFFICER.id, "device-1"]);
  assert.equal(content.made_at, new Date(phone.time).toISOString());
  const rows = await phone.store.all("outbox");
  assert.deepEqual(
    content.operations.map((/** @type {any} */ one) => one.op).sort(),
    rows.map(({ text }) => text).sort(),
  );
  for (const { op, mac } of content.operations)
    assert.equal(mac, createHmac("sha256", Buffer.from(SECRET, "base64url")).update(op).digest("base64url"));
  const seqs = content.operations.map((/** @type {any} */ one) => JSON.parse(one.op).device_seq);
  assert.deepEqual(seqs, [1, 2]);
});

test("the rows stay, their letters never change, and later they are sent as they are in the file", async (t) => {
  const phone = await offline(t);
  const row = await phone.save();
  const [one, two] = [await makeRescueFile(phone.store), await makeRescueFile(phone.store)];
  assert.notEqual(fileIn(one).sealed, fileIn(two).sealed, "a new ephemeral key each time");
  const content = await open(fileIn(one));
  assert.deepEqual((await open(fileIn(two))).operations, content.operations);
  assert.equal(await phone.store.count("outbox"), 1);
  assert.equal(await phone.store.count("sent"), 0);

  const edited = await phone.save({ id: row.record_id, base_rev: 1 });
  assert.notEqual(
    edited.op_id,
    row.op_id,
    "what is in the file is final: an edit is an operation of its own",
  );
  const both = await makeRescueFile(phone.store);
  assert.equal((await open(fileIn(both))).operations.length, 2);
  assert.equal(both.count, 1, "one entry, saved twice");

  phone.isOnline = true;
  phone.server.always = null;
  await phone.sync.run("online");
  assert.equal(await phone.store.count("outbox"), 0);
  assert.equal(phone.server.receipts.get(row.op_id).text, content.operations[0].op);
});

test("what the server took from the file ends with the file's receipt", async (t) => {
  const phone = await offline(t);
  const row = await phone.save();
  const { operations } = await open(fileIn(await makeRescueFile(phone.store)));
  const { receipt } = phone.server.take(operations[0]);
  phone.isOnline = true;
  phone.server.always = null;
  await phone.sync.run("online");
  assert.equal(phone.server.effects.length, 1);
  const sent = await phone.store.get("sent", row.op_id);
  assert.deepEqual([sent.outcome, sent.receipt], ["duplicate", receipt]);
});

test("a row edited while it is sealed goes into the file as edited", async (t) => {
  const phone = await offline(t);
  const row = await phone.save();
  const { store } = phone;
  let isFirst = true;
  const slow = {
    ...store,
    async seal(/** @type {any} */ into, /** @type {any} */ value) {
      if (isFirst && value.frozen) {
        isFirst = false;
        await phone.save({
          id: row.record_id,
          base_rev: 1,
          body: { unit_id: "unit-1", households_present: 3 },
        });
      }
      return store.seal(into, value);
    },
  };
  const { operations } = await open(fileIn(await makeRescueFile(slow)));
  assert.equal(operations.length, 1);
  assert.equal(JSON.parse(operations[0].op).body.households_present, 3);
});

test("a large outbox fits", async (t) => {
  const phone = await offline(t);
  const summary = Array.from({ length: 60_000 }, () => Math.random().toString(36)).join(" ");
  await phone.save({ id: uuid7(), body: { unit_id: "unit-1", summary } });
  const content = await open(fileIn(await makeRescueFile(phone.store)));
  assert.equal(JSON.parse(content.operations[0].op).body.summary, summary);
});

test("phones that cannot compress make a file all the same", async (t) => {
  const phone = await offline(t);
  await phone.save();
  const { CompressionStream } = globalThis;
  t.after(() => Object.assign(globalThis, { CompressionStream }));
  // @ts-expect-error: an old phone
  delete globalThis.CompressionStream;
  assert.equal((await open(fileIn(await makeRescueFile(phone.store)))).operations.length, 1);
  for (const size of [0, 1, 65_534, 65_535, 65_536, 200_000]) {
    const bytes = new Uint8Array(size).map((__, place) => place % 251);
    assert.deepEqual(new Uint8Array(gunzipSync(storedGzip(bytes))), bytes);
  }
});

test("without the key, the secret or a safe page it says what is missing", async (t) => {
  const phone = await createPhone(t);
  await assert.rejects(makeRescueFile(phone.store), { code: "no_rescue_key" });
  await assert.rejects(makeRescueFile(phone.store, { crypto: /** @type {any} */ ({}) }), {
    code: "insecure",
  });
  await phone.store.setMeta({ rescue_key: ANSWER });
  await phone.store.remove("meta", "session");
  await assert.rejects(makeRescueFile(phone.store), { code: "sign_in_required" });
});

test("the key is asked for once, again after a week, and no portal's answer is taken for it", async (t) => {
  const phone = await createPhone(t);
  let asked = 0;
  let answer = async () => new Response("<html>Wifi</html>");
  const keep = () =>
    keepRescueKey(phone.store, {
      now: phone.now,
      online: () => true,
      fetch: (address) => {
        assert.equal(address, "/sync/rescue-key");
        asked++;
        return answer();
      },
    });
  await keep();
  answer = () => Promise.reject(new TypeError("Failed to fetch"));
  await keep();
  assert.equal(await phone.store.meta("rescue_key"), undefined);
  answer = async () => phone.server.json(ANSWER);
  await keep();
  await keep();
  assert.equal(asked, 3);
  assert.equal((await phone.store.meta("rescue_key")).kid, VECTOR.kid);
  phone.time += 8 * 86_400_000;
  answer = () => Promise.reject(new TypeError("Failed to fetch"));
  await keep();
  assert.equal(asked, 4);
  assert.equal((await phone.store.meta("rescue_key")).kid, VECTOR.kid, "an old key is better than none");
});

test("whenever the server was heard is a chance to get the key", async (t) => {
  const phone = await createPhone(t);
  let asked = 0;
  const stop = watchRescueKey(phone.store, phone.sync, async () => {
    asked++;
    throw new Error("never in the way");
  });
  await phone.sync.refresh(); // the first word comes when the rows are counted
  assert.equal(asked, 1);
  await phone.save();
  await phone.sync.run("save");
  const heard = asked;
  assert.ok(heard > 1);
  await phone.sync.refresh();
  assert.equal(asked, heard);
  stop();
});
