// What happens elsewhere than on a phone: the desk of the commune reviews, moves, opens and takes in what is brought.
import { SECRET } from "./ledger.mjs";

/** @typedef {import("./schedule.mjs").Step} Step */
/** @typedef {import("./network.mjs").Answer} Answer */
/** @typedef {import("./ledger.mjs").Ledger} Ledger */
/** What the desk may be answered: done, not in its reach, not any more, or not as it was said. */
const ANSWERS = [200, 303, 403, 404, 409, 422, 503];
const PLACES = { meeting: "review/entries", petition: "petitions", flash_report: "flash-reports" };
const FORM = "application/x-www-form-urlencoded";

export class Desk {
  cookie = "";
  /** What it saw when it last looked. @type {import("./ledger.mjs").Dump} */
  looked = {};

  /** What was done, and how often. @type {Record<string, number>} */
  done = {};

  /** @param {import("./network.mjs").Network} network @param {any} world @param {Ledger} ledger */
  constructor(network, world, ledger) {
    this.network = network;
    this.world = world;
    this.ledger = ledger;
  }

  /**
   * @param {string} method @param {string} path @param {{type?: string, body?: Buffer | string}} [content]
   * @param {import("./network.mjs").NetworkFault | null} [fault]
   */
  async ask(method, path, { type, body = "" } = {}, fault = null) {
    /** @type {Record<string, string>} */
    const headers = { "Content-Length": String(Buffer.byteLength(body)), "Sec-Fetch-Site": "same-origin" };
    if (type) headers["Content-Type"] = type;
    if (this.cookie) headers.Cookie = this.cookie;
    const call = { method, path, headers, body };
    const ask = () => this.network.through(call, fault ?? undefined);
    const answer = await (fault ? ask() : this.network.insist(ask));
    const [cookie] = [answer.headers["set-cookie"] ?? []].flat();
    if (cookie) this.cookie = cookie.split(";")[0] ?? "";
    return answer;
  }

  /** @param {string} what */
  note(what) {
    this.done[what] = (this.done[what] ?? 0) + 1;
  }

  /** Post a form as the clerk of the commune. @param {string} path @param {Record<string, string>} fields */
  async post(path, fields) {
    const { status } = await this.ask("POST", path, { type: FORM, body: `${new URLSearchParams(fields)}` });
    if (!ANSWERS.includes(status))
      this.ledger.violations.push(`the desk was answered with ${status}: ${path}`);
    const name = path
      .split("/")
      .filter((part) => part.length < 36)
      .at(-1);
    if (status === 303) this.note(`desk: ${name}`);
    return status;
  }

  async signIn() {
    if (!this.cookie) await this.post("/sign-in", { identifier: "cuc", password: this.world.password });
  }

  /** @param {string} table @param {number} pick @param {boolean} [stale] whether what was seen earlier will do */
  async one(table, pick, stale = false) {
    await this.signIn();
    if (!stale || !this.looked[table]?.length) this.looked = await this.network.look();
    const rows = this.looked[table] ?? [];
    return rows[Math.floor(pick * rows.length)];
  }

  /** @param {Step} step */
  async review({ pick, stale, decision }) {
    const entry = await this.one("meeting", pick, stale);
    const text = decision === "accepted" ? "" : "Xem lại số hộ dự.";
    if (entry)
      await this.post(`/review/entries/${entry.id}/verdicts`, { op_id: entry.op_id, decision, text });
  }

  /** @param {Step} step */
  async settle({ pick, word }) {
    const held = await this.one("quarantined", pick);
    if (held) await this.post(`/review/quarantine/${held.id}`, { word, note: "Đã hỏi." });
  }

  /** Take a step of a petition, or send it elsewhere. @param {Step} step */
  async move({ pick, deed, stale }) {
    const petition = await this.one("petition", pick, stale);
    if (!petition) return;
    /** @type {Record<string, Record<string, string>>} */
    const says = {
      triage: { category: "drainage", urgency: "normal" },
      answer: { text: "Xã đã ghi vào kế hoạch." },
      redirect: { channel: "land_dispute" },
    };
    const seen = String(petition.event_seq);
    await this.post(`/petitions/${petition.id}/${deed}`, { ...says[deed], seen });
  }

  /** Mask what should not have been written down, wherever it stands. @param {Step} step */
  async redact({ pick, kind: of }) {
    const kind = /** @type {keyof typeof PLACES} */ (of);
    const record = await this.one(kind, pick);
    const said = (this.looked[`${kind}_revision`] ?? []).filter((row) => row.record_id === record?.id);
    const passages = said.flatMap((row) => row.payload.match(SECRET) ?? []);
    const passage = passages[Math.floor(pick * 83) % passages.length];
    if (!passage) return;
    const asked = { reason: "number", passage, field: "" };
    if ((await this.post(`/${PLACES[kind]}/${record.id}/redactions`, asked)) === 303)
      this.ledger.masked.add(passage);
  }

  /** Open a flash report, and perhaps send it elsewhere. @param {Step} step */
  async open({ pick, redirect }) {
    const report = await this.one("flash_report", pick);
    if (!report) return;
    const { status } = await this.ask("GET", `/flash-reports/${report.id}`);
    if (![200, 404].includes(status)) this.ledger.violations.push(`a flash report was not shown: ${status}`);
    if (redirect) await this.post(`/flash-reports/${report.id}/redirect`, { channel: "violence" });
  }

  /**
   * Hand in a rescue file. @param {Uint8Array<ArrayBuffer>} file @param {import("./network.mjs").NetworkFault | null} [fault]
   * @returns {Promise<boolean>} whether the desk was told that everything in it is there
   */
  async takeIn(file, fault = null) {
    await this.signIn();
    const form = new FormData();
    form.append("file", new File([file], "gan-dan-du-phong.gandan"));
    const { headers, body } = await sealed(form);
    const answer = await this.ask("POST", "/rescue", { type: headers, body }, fault).catch(() => null);
    const page = answer?.body.toString() ?? "";
    if (answer?.status !== 200 || !page.includes("Máy chủ đã giữ đủ")) return false;
    for (const [receipt] of page.matchAll(/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/g)) this.ledger.receipts.add(receipt);
    this.note("desk: rescue file");
    return true;
  }
}

/** @param {FormData} form */
async function sealed(form) {
  const request = new Response(form);
  return {
    headers: request.headers.get("content-type") ?? "",
    body: Buffer.from(await request.arrayBuffer()),
  };
}
