// Whose notebook this is. A person's notebook is never opened, sent or emptied in another's name.
import { openStore, registry as shared } from "./database.js";
import { applyPage } from "./pages.js";
import { problem } from "./problems.js";
import { call, Fault } from "./transport.js";

/**
 * @typedef {{fetch?: Gandan.Fetch, online?: () => boolean, timeout?: number, registry?: Gandan.Registry,
 *   open?: (officerId: string) => Promise<Gandan.Store>, now?: () => number}} Sources
 */

/** @param {Sources} sources */
export const complete = ({
  fetch = (input, init) => globalThis.fetch(input, init),
  online = () => globalThis.navigator?.onLine !== false,
  timeout = 30_000,
  registry = shared,
  open = openStore,
  now = Date.now,
}) => ({ fetch, online, timeout, registry, open, now });

/** Who is at this phone now, known without a network. @param {Sources} [sources] */
export const current = (sources = {}) => complete(sources).registry.current();

/**
 * Ask the server who is signed in, and keep that person and the device's secret on the phone.
 * `changed` says that it is another person than before: open their store instead. `problem` says why there is no answer.
 * @param {Sources & {first?: boolean, signedIn?: string}} [sources] `first`: have the groups come along, so that an empty
 *   notebook can be used; `signedIn`: who has just signed in, if that is known
 * @returns {Promise<{person: Gandan.Person | null, changed: boolean, problem: Gandan.Problem | null}>}
 */
export async function provision({ first = false, signedIn = "", ...sources } = {}) {
  const { fetch, online, timeout, registry, open, now } = complete(sources);
  const before = await registry.current();
  let answer;
  const asked = now();
  try {
    answer = await call({ fetch, online, timeout }, first ? "/sync/session?first=1" : "/sync/session");
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const person = signedIn ? await take(registry, signedIn) : before;
    return { person, changed: false, problem: problem(error.code) };
  }
  const { officer, device, demonstration, server_time } = answer;
  /** @type {Gandan.Person} */
  const person = {
    ...officer,
    demonstration: Boolean(demonstration),
    device: device.id,
    revoked: device.revoked,
  };
  const store = await open(officer.id);
  try {
    await store.put("meta", {
      key: "session",
      device: device.id,
      revoked: device.revoked,
      secret: device.secret,
    });
    // Before anybody is told that the notebook is there; what it holds already goes on from its own cursor.
    if (answer.page && !(await store.meta("cursor"))) await applyPage(store, { ...answer.page, reset: true });
    const server = Date.parse(server_time);
    if (server)
      await store.setMeta({ server_time: server, clock_offset: Math.round(server - (asked + now()) / 2) });
  } finally {
    store.close();
  }
  await registry.setCurrent(person);
  return { person, changed: before?.id !== person.id, problem: null };
}

/**
 * The server cannot be asked now, but somebody has signed in: never is the notebook of who was here before opened for
 * them, nor what they write kept in it. They get their own, if this phone has it.
 * @param {Gandan.Registry} registry @param {string} id @returns {Promise<Gandan.Person | null>}
 */
async function take(registry, id) {
  const known = (await registry.people()).find((person) => person.id === id) ?? null;
  await registry.setCurrent(known);
  return known;
}
