// The way between phones and the server: a real socket, on which requests and answers can be lost, doubled, delayed,
// replaced or overtaken, and the server killed underway.
import { Agent, request } from "node:http";

/**
 * What happens to one request.
 * @typedef {{what: "refuse" | "lose-answer" | "cut" | "twice" | "echo" | "delay" | "kill" | "fail" | "stall" |
 *   "503" | "429" | "413" | "400" | "500" | "401" | "409" | "502" | "portal" | "portal-204",
 *   at?: string | number, ms?: number}} NetworkFault
 */

/** @typedef {{status: number, headers: Record<string, string | string[] | undefined>, body: Buffer}} Answer */
/** @typedef {{method: string, path: string, headers: Record<string, string>, body?: Buffer | string}} Call */

const ERRORS = /** @type {Record<string, [number, string]>} */ ({
  503: [503, "overloaded"],
  429: [429, "overloaded"],
  413: [413, "too_large"],
  400: [400, "unreadable_request"],
  500: [500, "internal"],
  401: [401, "sign_in_required"],
  409: [409, "upgrade_required"],
});

export class Network {
  agent = new Agent({ keepAlive: true, maxSockets: 16 });
  /** Real deaths of the server. */
  kills = 0;
  /** Requests that arrived at the server. */
  requests = 0;
  /** Requests that come once more, or for the first time, long after the phone gave them up. @type {Call[]} */
  ghosts = [];
  /** The time, by the server's clock. */
  now = () => 0;
  /** Told of every answer of the server, also of those nobody else hears. @type {(call: Call, answer: Answer) => void} */
  heard = () => {};

  /** @param {string} socketPath */
  constructor(socketPath) {
    this.socketPath = socketPath;
  }

  /** @param {Call} call @param {object} [order] what the server itself shall do @returns {Promise<Answer>} */
  async send(call, order = {}) {
    this.requests++;
    const answer = await this.#raw(call, { "X-Faults": JSON.stringify({ now: this.now(), ...order }) });
    this.heard(call, answer);
    return answer;
  }

  /** Speak to the test's own side of the server. @param {string} name @param {object} [said] @returns {Promise<any>} */
  async order(name, said = {}) {
    const body = JSON.stringify(said);
    const headers = { "Content-Length": String(Buffer.byteLength(body)) };
    const faults = { "X-Faults": JSON.stringify({ now: this.now() }) };
    const answer = await this.#raw({ method: "POST", path: `/~faults/${name}`, headers, body }, faults);
    if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body.toString());
  }

  /**
   * What stands in the database.
   * @returns {Promise<import("./ledger.mjs").Dump>}
   */
  look() {
    return this.insist(() => this.order("dump"));
  }

  /**
   * Ask for what may be asked for again: the server may be killed under it by what a dead phone has asked for.
   * @template T @param {() => Promise<T>} ask @returns {Promise<T>}
   */
  insist(ask) {
    const again = () => {
      this.reconnect();
      return ask();
    };
    return ask().catch(again).catch(again);
  }

  /** Kill the server and forget the dead connections. The next request waits for the next server. */
  async kill() {
    await this.order("kill").catch(() => {});
    this.died();
  }

  died() {
    this.kills++;
    this.reconnect();
  }

  /** Forget every connection that is open. */
  reconnect() {
    this.agent.destroy();
    this.agent = new Agent({ keepAlive: true, maxSockets: 16 });
  }

  /** @param {Call} call @param {Record<string, string>} more @returns {Promise<Answer>} */
  #raw({ method, path, headers, body }, more) {
    return new Promise((resolve, reject) => {
      const options = { socketPath: this.socketPath, agent: this.agent, method, path };
      const sent = request(
        { ...options, headers: { ...headers, ...more, Host: "gandan.test" } },
        (incoming) => {
          /** @type {Buffer[]} */
          const parts = [];
          incoming.on("data", (part) => parts.push(part));
          incoming.on("error", reject);
          incoming.on("end", () =>
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: Buffer.concat(parts),
            }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /**
   * Send a phone's request through the weather.
   * @param {Call} call @param {NetworkFault | undefined} fault @returns {Promise<Answer>}
   */
  async through(call, fault) {
    const lost = () => new TypeError("Failed to fetch");
    if (!fault) return this.send(call);
    switch (fault.what) {
      case "refuse":
        throw lost();
      case "lose-answer":
        await this.send(call);
        throw lost();
      case "cut": {
        const answer = await this.send(call);
        return { ...answer, body: answer.body.subarray(0, answer.body.length >> 1) };
      }
      case "twice": {
        const both = await Promise.all([this.send(call), this.send(call)]);
        return /** @type {Answer} */ (both[Number(fault.at) % 2]);
      }
      case "echo":
        this.ghosts.push(call);
        return this.send(call);
      case "delay":
        this.ghosts.push(call);
        throw lost();
      case "kill":
        await this.send(call, { kill: fault.at }).then(
          () => {
            throw new Error("the server was to die and answered");
          },
          () => this.died(),
        );
        throw lost();
      case "fail":
        return this.send(call, { fail: fault.at });
      case "stall":
        return this.send(call, { stall: fault.ms });
      case "portal":
        return answerOf(200, { "content-type": "text/html" }, "<html>Wifi: đăng nhập</html>");
      case "portal-204":
        return answerOf(204, {}, "");
      case "502":
        return answerOf(502, { "content-type": "text/html" }, "<h1>Bad Gateway</h1>");
      default: {
        const [status, code] = /** @type {[number, string]} */ (ERRORS[fault.what]);
        const headers = { "gandan-protocol": this.protocol, "retry-after": "20" };
        return answerOf(status, headers, JSON.stringify({ error: { code, message: "…", action: "…" } }));
      }
    }
  }

  /** What the server last said it speaks. */
  protocol = "1";
}

/** @param {number} status @param {Record<string, string>} headers @param {string} body @returns {Answer} */
const answerOf = (status, headers, body) => ({ status, headers, body: Buffer.from(body) });
