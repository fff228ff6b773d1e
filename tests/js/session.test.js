import assert from "node:assert/strict";
import { test } from "node:test";
import { openRegistry, openStore } from "../../static/js/offline/database.js";
import { signOut, unsentOf } from "../../static/js/offline/leaving.js";
import { current, provision } from "../../static/js/offline/session.js";
import { createPhone } from "./support/phone.js";
import { OFFICER, SECRET } from "./support/server.js";

/** @param {import("node:test").TestContext} t */
async function shared(t) {
  const phone = await createPhone(t, { session: false });
  const registry = openRegistry({ indexedDB: phone.indexedDB });
  t.after(() => registry.close());
  const sources = {
    registry,
    fetch: phone.server.fetch,
    now: phone.now,
    online: () => phone.isOnline,
    timeout: 200,
    open: (/** @type {string} */ id) => openStore(id, { indexedDB: phone.indexedDB, Channel: null }),
  };
  return { phone, registry, sources };
}

test("signing in keeps the person and the device's secret on the phone", async (t) => {
  const { phone, sources } = await shared(t);
  const { person, changed, problem } = await provision(sources);
  assert.equal(problem, null);
  assert.equal(changed, true);
  assert.equal(person?.name, OFFICER.name);
  assert.equal((await current(sources))?.id, OFFICER.id);
  assert.equal((await phone.store.get("meta", "session")).secret, SECRET);
  assert.equal((await provision(sources)).changed, false);
  const row = await phone.save();
  await phone.sync.run("session");
  assert.equal(phone.server.effects[0].op_id, row.op_id);
});

test("without a network the phone still knows whose it is", async (t) => {
  const { phone, sources } = await shared(t);
  await provision(sources);
  phone.server.always = () => {
    throw new TypeError("Failed to fetch");
  };
  const { person, problem } = await provision(sources);
  assert.equal(person?.id, OFFICER.id);
  assert.equal(problem?.code, "unreachable");
  phone.server.always = () => phone.server.refuse(401, "sign_in_required");
  assert.equal((await provision(sources)).problem?.code, "sign_in_required");
  assert.equal((await current(sources))?.id, OFFICER.id);
});

test("a second person on the phone: the first one's notebook is left alone and not sent", async (t) => {
  const { phone, sources } = await shared(t);
  await provision(sources);
  await phone.save();
  phone.server.officer = { ...OFFICER, id: "officer-2", name: "Trần Văn Mẫu" };
  phone.server.device = { ...phone.server.device, id: "device-2" };
  const { person, changed } = await provision(sources);
  assert.equal(changed, true);
  assert.equal(person?.id, "officer-2");
  assert.equal(await phone.store.count("outbox"), 1);
  assert.equal((await phone.store.get("meta", "session")).device, "device-1");
  assert.deepEqual(await unsentOf(OFFICER.id, sources), { entries: 1, photos: 0 }, "nor is it forgotten");
  assert.deepEqual(await unsentOf("officer-2", sources), { entries: 0, photos: 0 });
  const second = await sources.open("officer-2");
  assert.equal(await second.count("outbox"), 0);
  second.close();
  assert.equal(phone.server.pushes.length, 0);
});

test("who signs in while the server cannot be asked never gets into the notebook of who was here before", async (t) => {
  const { phone, registry, sources } = await shared(t);
  await provision(sources);
  const cut = () => {
    throw new TypeError("Failed to fetch");
  };
  phone.server.always = cut;
  const first = await provision({ ...sources, signedIn: OFFICER.id });
  assert.deepEqual([first.person?.id, first.problem?.code], [OFFICER.id, "unreachable"]);
  const stranger = await provision({ ...sources, signedIn: "officer-2" });
  assert.deepEqual([stranger.person, stranger.problem?.code], [null, "unreachable"]);
  assert.equal(await current(sources), null, "nor when the app is opened again");
  phone.server.always = null;
  phone.server.officer = { ...OFFICER, id: "officer-2" };
  assert.equal((await provision({ ...sources, signedIn: "officer-2" })).person?.id, "officer-2");
  phone.server.always = cut;
  assert.equal((await provision({ ...sources, signedIn: OFFICER.id })).person?.id, OFFICER.id);
  assert.equal((await registry.current())?.id, OFFICER.id);
});

test("signing out is refused while something is unsent or half written", async (t) => {
  const { phone, sources } = await shared(t);
  await provision(sources);
  await phone.save();
  assert.equal((await signOut(phone.store, sources)).problem?.code, "unsent");
  await phone.sync.run();
  await phone.store.put("drafts", { id: "d", body: {} });
  assert.equal((await signOut(phone.store, sources)).problem?.code, "drafts");
  await phone.store.remove("drafts", "d");
  const asked = () => phone.server.requests.filter(({ path }) => path === "/sign-out").length;
  assert.equal(asked(), 0);
  phone.server.faults.push(() => {
    throw new TypeError("Failed to fetch");
  });
  assert.equal((await signOut(phone.store, sources)).ok, false);
  assert.equal((await current(sources))?.id, OFFICER.id, "still signed in: the server has not heard of it");
  phone.server.faults.push(() => new Response("", { status: 403 }));
  assert.equal((await signOut(phone.store, sources)).ok, false);
  assert.equal((await signOut(phone.store, sources)).ok, true);
  assert.equal(await current(sources), null);
  assert.equal(asked(), 3);
});
