import assert from "node:assert/strict";
import { test } from "node:test";
import { startConnection } from "../../static/js/offline/connection.js";
import { askToKeep, storageAnswer } from "../../static/js/offline/storage.js";
import { createUpdates } from "../../static/js/offline/update.js";

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

function stage() {
  /** @type {string[]} */
  const reasons = [];
  const state = { unsent: 0, sending: false, lastContact: null, problem: null, storage: null };
  const sync = /** @type {any} */ ({
    run: async (/** @type {string} */ why) => reasons.push(why) && state,
    delay: () => 20,
  });
  const page = /** @type {any} */ (Object.assign(new EventTarget(), { visibilityState: "visible" }));
  const world = /** @type {any} */ (new EventTarget());
  /** @type {string[]} */
  const tags = [];
  const registration = { sync: { register: async (/** @type {string} */ tag) => tags.push(tag) } };
  const worker = /** @type {any} */ (
    Object.assign(new EventTarget(), { ready: Promise.resolve(registration) })
  );
  return { reasons, tags, sync, page, world, worker };
}

test("it runs on open, when seen, on a network, on a message, on save and on the button; not after the end", async () => {
  const { reasons, tags, sync, page, world, worker } = stage();
  const connection = startConnection(sync, { window: world, document: page, worker });
  page.dispatchEvent(new Event("visibilitychange"));
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  world.dispatchEvent(new Event("online"));
  worker.dispatchEvent(Object.assign(new Event("message"), { data: { type: "sync" } }));
  worker.dispatchEvent(Object.assign(new Event("message"), { data: "other" }));
  connection.saved();
  await connection.sendNow();
  await turn();
  assert.deepEqual(reasons, ["open", "visible", "online", "background", "save", "button"]);
  assert.deepEqual(tags, ["gandan-outbox"]);
  connection.stop();
  world.dispatchEvent(new Event("online"));
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.equal(reasons.length, 6);
});

test("the timer goes on while the page is seen, and starts again when it is seen again", async () => {
  const { reasons, sync, page, world } = stage();
  const connection = startConnection(sync, { window: world, document: page, worker: null });
  await new Promise((resolve) => setTimeout(resolve, 70));
  assert.ok(reasons.filter((why) => why === "timer").length >= 2);
  page.visibilityState = "hidden";
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = reasons.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(reasons.length, before);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(reasons.length > before + 1);
  connection.stop();
});

const manager = (/** @type {boolean} */ persisted, usage = 1e6, quota = 1e9) =>
  /** @type {any} */ ({ persisted: async () => persisted, estimate: async () => ({ usage, quota }) });

test("storage: what the browser promises is said plainly", async () => {
  assert.equal((await storageAnswer(manager(true))).persisted, true);
  const refused = await storageAnswer(manager(false));
  assert.equal(refused.persisted, false);
  assert.ok(refused.message && refused.action);
  assert.equal((await storageAnswer(manager(true, 990e6))).low, true);
  assert.equal((await storageAnswer(/** @type {any} */ ({}))).persisted, null);
});

test("storage: the promise is asked for unless it is given, and nobody need answer", async () => {
  let asked = 0;
  const persist = () => {
    asked++;
    return new Promise(() => {});
  };
  await askToKeep({ ...manager(true), persist });
  assert.equal(asked, 0);
  await askToKeep({ ...manager(false), persist });
  assert.equal(asked, 1);
  await askToKeep({ ...manager(false), persist: () => Promise.reject(new Error("no")) });
  await askToKeep(/** @type {any} */ ({}));
});

function container({ active = true, waiting = true } = {}) {
  /** @type {any[]} */
  const posted = [];
  const next = Object.assign(new EventTarget(), {
    postMessage: (/** @type {any} */ what) => posted.push(what),
  });
  const registration = Object.assign(new EventTarget(), {
    active: active ? {} : null,
    waiting: waiting ? next : null,
    installing: /** @type {any} */ (null),
  });
  /** @type {any[]} */
  const registered = [];
  const worker = Object.assign(new EventTarget(), {
    controller: active ? {} : null,
    register: async (/** @type {any[]} */ ...args) => registered.push(args) && registration,
  });
  return { worker: /** @type {any} */ (worker), registration, registered, posted, next };
}

test("an update waits for the form, then takes over and reloads once", async () => {
  const { worker, posted } = container();
  let busy = true;
  let reloads = 0;
  const updates = createUpdates({ worker, language: "vi", isBusy: () => busy, reload: () => reloads++ });
  /** @type {boolean[]} */
  const seen = [];
  updates.subscribe((waiting) => seen.push(waiting));
  await updates.start();
  assert.deepEqual(seen, [false, true]);
  assert.equal(updates.apply(), false);
  assert.deepEqual(posted, []);
  worker.dispatchEvent(new Event("controllerchange")); // another window took the update: not during this form
  assert.equal(reloads, 0);
  busy = false;
  assert.equal(updates.apply(), true);
  assert.deepEqual(posted, ["skipWaiting"]);
  worker.dispatchEvent(new Event("controllerchange"));
  worker.dispatchEvent(new Event("controllerchange"));
  assert.equal(reloads, 1);
});

test("an update that arrives later is noticed; a first installation is not an update", async () => {
  const late = container({ waiting: false });
  const updates = createUpdates({ worker: late.worker, language: "en" });
  /** @type {boolean[]} */
  const seen = [];
  updates.subscribe((waiting) => seen.push(waiting));
  await updates.start();
  assert.equal(late.registered[0][0], "/service_worker.js?lang=en");
  late.registration.installing = late.next;
  late.registration.dispatchEvent(new Event("updatefound"));
  late.registration.waiting = late.next;
  late.next.dispatchEvent(new Event("statechange"));
  assert.equal(seen.at(-1), true);

  const first = container({ active: false });
  let reloads = 0;
  const fresh = createUpdates({ worker: first.worker, language: "vi", reload: () => reloads++ });
  fresh.subscribe((waiting) => assert.equal(waiting, false));
  await fresh.start();
  first.worker.dispatchEvent(new Event("controllerchange"));
  assert.equal(reloads, 0);
  assert.equal(first.registered[0][0], "/service_worker.js");
});

test("the language chosen last is asked for, also from a page kept in the other one", async (t) => {
  const global = /** @type {any} */ (globalThis);
  t.after(() => delete global.document);
  for (const [cookie, address] of [
    ["", "/service_worker.js"],
    ["a=b; lang=en", "/service_worker.js?lang=en"],
  ]) {
    global.document = { cookie, documentElement: { lang: "vi" } };
    const { worker, registered } = container();
    await createUpdates({ worker }).start();
    assert.equal(registered[0][0], address);
  }
});

test("without service workers nothing breaks", async () => {
  await createUpdates({ worker: /** @type {any} */ (null), language: "vi" }).start();
});
