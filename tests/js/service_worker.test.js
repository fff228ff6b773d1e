// The real worker script in a small world of its own: caches, a network, events.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../../static/js/service_worker.js", import.meta.url), "utf8");
const ORIGIN = "https://gandan.example";
const sha256 = (/** @type {string} */ text) => createHash("sha256").update(text).digest("hex");

class World {
  /** @type {Map<string, Map<string, Response>>} */
  stored = new Map();
  /** @type {Map<string, string>} what the network has */
  network = new Map();
  /** @type {{address: string, options: any}[]} */
  fetched = [];

  caches = {
    keys: async () => [...this.stored.keys()],
    delete: async (/** @type {string} */ name) => this.stored.delete(name),
    open: async (/** @type {string} */ name) => {
      if (!this.stored.has(name)) this.stored.set(name, new Map());
      const kept = /** @type {Map<string, Response>} */ (this.stored.get(name));
      return {
        put: async (/** @type {string} */ key, /** @type {Response} */ response) =>
          void kept.set(key, response),
        match: async (/** @type {string} */ key) => kept.get(key)?.clone(),
        matchAll: async () => [...kept.values()].map((one) => one.clone()),
      };
    },
  };

  /** @param {Record<string, string>} files @param {{build?: string, shells?: string[], language?: string}} [more] */
  start(files, { build = "b1", shells = ["/notebook/"], language = "vi" } = {}) {
    const assets = Object.fromEntries(
      Object.entries(files).map(([name, text]) => [`/assets/${build}/${name}`, sha256(text)]),
    );
    for (const [name, text] of Object.entries(files)) this.network.set(`/assets/${build}/${name}`, text);
    for (const shell of shells) {
      const query = language === "vi" ? "" : `?lang=${language}`;
      this.network.set(shell + query, `<link href="/assets/${build}/css/app.css">${language}`);
    }
    /** @type {Record<string, (event: any) => void>} */
    const handlers = {};
    /** @type {any[]} */
    const messages = [];
    const self = {
      PRECACHE: { version: `v-${build}-${language}`, build, language, shells, assets },
      registration: { installing: /** @type {any} */ (null) },
      skipped: false,
      skipWaiting() {
        self.skipped = true;
      },
      clients: { matchAll: async () => [{ postMessage: (/** @type {any} */ what) => messages.push(what) }] },
      addEventListener: (/** @type {string} */ name, /** @type {any} */ handler) => {
        handlers[name] = handler;
      },
    };
    const fetch = async (/** @type {any} */ request, /** @type {any} */ options) => {
      const address = typeof request === "string" ? request : request.url.replace(ORIGIN, "");
      this.fetched.push({ address, options });
      const text = this.network.get(address);
      if (text === undefined) return new Response("no", { status: 404 });
      return new Response(text, {
        headers: { "Content-Security-Policy": "default-src 'none'", Vary: "Cookie" },
      });
    };
    const globals = {
      self,
      caches: this.caches,
      fetch,
      crypto,
      Headers,
      Response,
      URL,
      location: { origin: ORIGIN },
    };
    vm.runInNewContext(SOURCE, globals);
    const event = async (/** @type {string} */ name, /** @type {object} */ details = {}) => {
      /** @type {Promise<any> | undefined} */
      let until;
      /** @type {Promise<Response> | undefined} */
      let answer;
      handlers[name]?.({
        ...details,
        waitUntil: (/** @type {any} */ promise) => {
          until = promise;
        },
        respondWith: (/** @type {any} */ promise) => {
          answer = promise;
        },
      });
      await until;
      return answer;
    };
    const ask = (/** @type {string} */ path, mode = "navigate", method = "GET", origin = ORIGIN) =>
      event("fetch", { request: { url: origin + path, mode, method } });
    return { self, event, ask, messages };
  }
}

test("after installing, pages and files come from the cache, whatever the query", async () => {
  const world = new World();
  const { event, ask } = world.start({ "css/app.css": "body{}", "js/a.js": "1" });
  await event("install");
  world.network.clear();
  const page = await ask("/notebook/?from=home");
  assert.match((await page?.text()) ?? "", /assets\/b1/);
  assert.equal(
    page?.headers.get("Content-Security-Policy"),
    "default-src 'none'",
    "the page's policy is kept",
  );
  assert.equal(page?.headers.get("Vary"), null);
  assert.equal(await (await ask("/assets/b1/js/a.js", "cors"))?.text(), "1");
});

test("everything else is left to the network", async () => {
  const world = new World();
  const { event, ask } = world.start({ "js/a.js": "1" });
  await event("install");
  assert.equal(await ask("/sync/push", "cors", "POST"), undefined);
  assert.equal(await ask("/notebook/", "navigate", "POST"), undefined);
  assert.equal(await ask("/sync/pull?since=", "cors"), undefined);
  assert.equal(await ask("/review/"), undefined);
  assert.equal(await ask("/sign-in"), undefined);
  assert.equal(await ask("/notebook/", "cors"), undefined);
  assert.equal(await ask("/assets/b0/js/a.js", "cors"), undefined);
  assert.equal(await ask("/notebook/", "navigate", "GET", "https://other.example"), undefined);
});

test("pages are fetched without a cookie and without redirects, in the language asked for", async () => {
  const world = new World();
  const { event, ask } = world.start({ "js/a.js": "1" }, { language: "en" });
  await event("install");
  const page = world.fetched.find(({ address }) => address === "/notebook/?lang=en");
  assert.equal(page?.options.credentials, "omit");
  assert.equal(page?.options.redirect, "error");
  assert.match((await (await ask("/notebook/"))?.text()) ?? "", /en$/);
});

test("a new version fetches only what changed, and the old one is whole until then", async () => {
  const world = new World();
  const old = world.start({ "js/a.js": "1", "js/b.js": "2" });
  await old.event("install");
  await old.event("activate");
  world.fetched = [];
  const next = world.start({ "js/a.js": "1", "js/b.js": "changed" }, { build: "b2" });
  await next.event("install");
  assert.deepEqual(world.fetched.map(({ address }) => address).sort(), ["/assets/b2/js/b.js", "/notebook/"]);
  assert.equal(await (await old.ask("/assets/b1/js/b.js", "cors"))?.text(), "2");
  assert.match((await (await old.ask("/notebook/"))?.text()) ?? "", /assets\/b1/);
  await next.event("activate");
  assert.deepEqual([...world.stored.keys()], ["gandan-v-b2-vi"]);
  assert.equal(await (await next.ask("/assets/b2/js/a.js", "cors"))?.text(), "1");
});

for (const [what, spoil] of /** @type {[string, (world: World) => void][]} */ ([
  ["a missing file", (world) => world.network.delete("/assets/b2/js/b.js")],
  ["half a file or a portal's page for a file", (world) => world.network.set("/assets/b2/js/b.js", "chan")],
  ["a portal's page for a page", (world) => world.network.set("/notebook/", "<h1>Wifi</h1>")],
  ["a page of another build", (world) => world.network.set("/notebook/", "/assets/b3/css/app.css")],
])) {
  test(`${what} fails the installation and the old version stays whole`, async () => {
    const world = new World();
    const old = world.start({ "js/a.js": "1", "js/b.js": "2" });
    await old.event("install");
    await old.event("activate");
    const next = world.start({ "js/a.js": "1", "js/b.js": "changed" }, { build: "b2" });
    spoil(world);
    await assert.rejects(next.event("install"));
    assert.deepEqual([...world.stored.keys()], ["gandan-v-b1-vi"]);
    assert.match((await (await old.ask("/notebook/"))?.text()) ?? "", /assets\/b1/);
  });
}

test("other caches of the origin are not ours to delete, nor that of a worker being installed", async () => {
  const world = new World();
  const { self, event } = world.start({ "js/a.js": "1" });
  await event("install");
  await world.caches.open("somebody-else");
  await world.caches.open("gandan-next");
  self.registration.installing = {};
  await event("activate");
  assert.ok(world.stored.has("gandan-next"));
  self.registration.installing = null;
  await event("activate");
  assert.deepEqual([...world.stored.keys()], ["gandan-v-b1-vi", "somebody-else"]);
});

test("it takes over only when told to", async () => {
  const world = new World();
  const { self, event, messages } = world.start({ "js/a.js": "1" });
  await event("install");
  await event("message", { data: "something" });
  assert.equal(self.skipped, false);
  await event("message", { data: "skipWaiting" });
  assert.equal(self.skipped, true);
  await event("sync");
  assert.deepEqual(JSON.parse(JSON.stringify(messages)), [{ type: "sync" }]);
});
