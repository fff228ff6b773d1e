// A server that keeps the contract of docs/sync-protocol.md, with faults to order.
import { createHash, createHmac } from "node:crypto";
import { gunzipSync } from "node:zlib";

export const SECRET = Buffer.alloc(32, 7).toString("base64url");
export const OFFICER = { id: "officer-1", name: "Nguyễn Thị Mẫu", title: "Cán bộ", may_record: true };

/** @typedef {(request: {path: string, init: RequestInit, json: any}) => any} Fault */

export class Server {
  /** @type {Map<string, any>} op_id → {text, answer} */
  receipts = new Map();
  /** @type {any[]} effects in the order applied */
  effects = [];
  /** @type {Map<string, {bytes: Buffer, complete: boolean}>} what has come of photos */
  photos = new Map();
  /** @type {{path: string, json: any, headers: any, method: string, bytes: Buffer | null}[]} */
  requests = [];
  /** @type {any[]} pages still to be pulled; the last answer repeats an empty page */
  pages = [];
  /** @type {Fault[]} each is used up by one request; it may return a Response, throw, or return undefined */
  faults = [];
  /** @type {Map<string, (op: any) => any>} what to answer for a record, instead of applying */
  verdicts = new Map();
  /** @type {Fault | null} asked at every request */
  always = null;
  officer = OFFICER;
  device = { id: "device-1", secret: SECRET, revoked: false };
  /** The officer's devices: an operation is signed by the one it names. @type {Record<string, string>} */
  secrets = { "device-1": SECRET };
  skew = 0;
  /** @param {() => number} now */
  constructor(now) {
    this.now = now;
  }

  get pushes() {
    return this.requests.filter(({ path }) => path === "/sync/push");
  }
  get uploads() {
    return this.requests.filter(({ path }) => path.startsWith("/sync/media/"));
  }
  get pulls() {
    return this.requests.filter(({ path }) => path.startsWith("/sync/pull"));
  }

  /** @type {Gandan.Fetch} */
  fetch = async (path, init = {}) => {
    const headers = new Headers(init.headers);
    const bytes =
      init.body === undefined
        ? null
        : Buffer.from(/** @type {any} */ (await new Response(init.body).arrayBuffer()));
    const plain = bytes && headers.get("Content-Encoding") === "gzip" ? gunzipSync(bytes) : bytes;
    const photo = path.startsWith("/sync/media/");
    const json = plain?.length && !photo ? JSON.parse(plain.toString()) : null;
    const request = { path, init, json };
    this.requests.push({
      path,
      json,
      headers: Object.fromEntries(headers),
      method: init.method ?? "GET",
      bytes,
    });
    const fault = this.faults.shift() ?? this.always;
    const early = await fault?.(request);
    if (early instanceof Response) return early;
    const answer = photo
      ? this.media(path.slice(-64), init.method ?? "GET", headers, /** @type {Buffer} */ (bytes))
      : this.answer(path, json);
    if (early === "lose the answer") throw new TypeError("Failed to fetch");
    return answer;
  };

  /** @param {string} path @param {any} json */
  answer(path, json) {
    if (path === "/sync/session") {
      return this.json({ officer: this.officer, device: this.device, demonstration: true });
    }
    if (path === "/sync/push") {
      return this.json({ outcomes: json.operations.map((/** @type {any} */ one) => this.take(one)) });
    }
    if (path.startsWith("/sync/pull")) {
      const page = this.pages.shift() ?? {};
      return this.json({
        cursor: "end",
        more: false,
        reset: false,
        entries: [],
        petitions: [],
        gone: [],
        ...page,
      });
    }
    if (path === "/sign-out") return new Response(null, { status: 204 });
    return new Response("", { status: 404 });
  }

  /** Section 7. @param {string} sha256 @param {string} method @param {Headers} headers @param {Buffer} bytes */
  media(sha256, method, headers, bytes) {
    const size = Number(headers.get("Upload-Length"));
    const before = this.photos.get(sha256) ?? { bytes: Buffer.alloc(0), complete: false };
    const say = (/** @type {number} */ status, now = before) =>
      new Response(null, {
        status,
        headers: {
          "Gandan-Protocol": "2",
          "Upload-Offset": String(now.bytes.length),
          "Upload-Complete": now.complete ? "?1" : "?0",
        },
      });
    if (method === "HEAD") return say(200);
    if (headers.get("Gandan-Device") !== this.device.id) return this.refuse(403, "wrong_person");
    if (before.complete) return say(204);
    if (Number(headers.get("Upload-Offset")) !== before.bytes.length) return say(409);
    const whole = Buffer.concat([before.bytes, bytes]);
    if (whole.length < size) {
      this.photos.set(sha256, { bytes: whole, complete: false });
      return say(204, this.photos.get(sha256));
    }
    if (createHash("sha256").update(whole).digest("hex") !== sha256) {
      this.photos.delete(sha256);
      return say(422, { bytes: Buffer.alloc(0), complete: false });
    }
    this.photos.set(sha256, { bytes: whole, complete: true });
    return say(204, this.photos.get(sha256));
  }

  /** @param {{op: string, mac: string}} operation */
  take({ op: text, mac }) {
    const op = JSON.parse(text);
    const expected = createHmac("sha256", Buffer.from(this.secrets[op.device] ?? "", "base64url"))
      .update(text)
      .digest("base64url");
    if (mac !== expected)
      return { op_id: op.op_id, outcome: "quarantined", code: "bad_mac", message: "Sai mã." };
    const before = this.receipts.get(op.op_id);
    if (before && before.text !== text) {
      return { op_id: op.op_id, outcome: "quarantined", code: "op_reused", message: "Trùng mã." };
    }
    if (before) return { ...before.answer, outcome: "duplicate" };
    const verdict = this.verdicts.get(op.id)?.(op);
    if (verdict) return { op_id: op.op_id, message: "Máy chủ nói vậy.", receipt: "Q1", ...verdict };
    const receipt = `R${this.receipts.size + 1}`;
    const received_at = new Date(this.now() + this.skew).toISOString();
    const answer = {
      op_id: op.op_id,
      outcome: "applied",
      code: "applied",
      message: "Đã nhận.",
      receipt,
      received_at,
    };
    this.receipts.set(op.op_id, { text, answer });
    this.effects.push(op);
    return answer;
  }

  /** @param {object} body @param {ResponseInit} [init] */
  json(body, init = {}) {
    const common = { protocol: 2, build: "b", server_time: new Date(this.now() + this.skew).toISOString() };
    return new Response(JSON.stringify({ ...common, ...body }), {
      ...init,
      headers: { "Gandan-Protocol": "2", "Content-Type": "application/json", ...init.headers },
    });
  }

  /** @param {number} status @param {string} code @param {Record<string, string>} [headers] */
  refuse(status, code, headers = {}) {
    return this.json({ error: { code, message: "…", action: "…" } }, { status, headers });
  }
}
