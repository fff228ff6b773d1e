// Runs one schedule and says what was violated.
import { createIds } from "../../static/js/offline/ids.js";
import { keepPhoto, owedPhotos } from "../../static/js/offline/media.js";
import { saveAll, saveDraft } from "../../static/js/offline/outbox.js";
import { Desk } from "./desk.mjs";
import { openForm, partOf } from "./forms.mjs";
import { Ledger, plain, SECRET } from "./ledger.mjs";
import { Phone, viewsOf } from "./phone.mjs";
import { chance } from "./random.mjs";

/** @typedef {import("./schedule.mjs").Schedule} Schedule */
/** @typedef {import("./schedule.mjs").Step} Step */
/** @typedef {import("./network.mjs").Call} Call */
/** @typedef {import("./forms.mjs").Part} Part */
/**
 * `isNeeded`: its phone is gone for good; `isIn`: the desk was told that everything in it has been taken in.
 * @typedef {{phone: Phone, bytes: Uint8Array<ArrayBuffer>, operations: string[], isNeeded: boolean, isIn: boolean}} RescueFile
 */
/** @typedef {{violations: string[], steps: number, kills: number, deaths: number, operations: number, requests: number, faults: Record<string, number>}} Result */

const PAUSE = 16 * 60_000;
const ROUNDS = 14;
/** Flash reports that nobody has acted on. */
const MAY_WITHDRAW = ["waiting", "sent", "reported"];

class Run {
  /** @type {Phone[]} */
  phones = [];
  ledger = new Ledger();
  /** Rescue files, and which operations are in them. @type {RescueFile[]} */
  files = [];
  /** @type {Call[]} */
  pushes = [];
  /** What a draft was written over, by its place and what it says. @type {Map<string, Part>} */
  drafted = new Map();
  written = 0;
  serverSkew = 0;

  /** @param {import("./network.mjs").Network} network @param {any} world @param {Schedule} schedule @param {string} [plant] */
  constructor(network, world, schedule, plant) {
    this.network = network;
    this.world = world;
    this.schedule = schedule;
    this.plant = plant;
    this.desk = new Desk(network, world, this.ledger);
    this.random = chance(schedule.seed ^ 0x5eed);
    this.time = world.starts;
    this.mint = createIds({
      now: () => this.time,
      random: (bytes) => bytes.map(() => Math.floor(this.random() * 256)),
    });
    /** @type {Record<string, string>} */
    this.codes = Object.fromEntries(Object.entries(world.officers).map(([code, id]) => [id, code]));
    network.ghosts = [];
    network.now = () => this.time + this.serverSkew;
    network.heard = (call, answer) => this.hear(call, answer);
  }

  /** @param {Call} call @param {import("./network.mjs").Answer} answer */
  hear(call, answer) {
    if (call.path !== "/sync/push" || answer.status !== 200) return;
    this.pushes.push(call);
    for (const outcome of JSON.parse(answer.body.toString()).outcomes) this.ledger.answered(outcome);
  }

  /** Everybody signs in and fetches what there is. That is always the same, so after the first time the answers are known. */
  async start() {
    await this.network.order("reset");
    await this.begin();
  }

  async begin() {
    /** @type {Map<string, number>} */
    const before = new Map();
    for (const [place, code] of this.schedule.phones.entries()) {
      const nth = before.get(code) ?? 0;
      before.set(code, nth + 1);
      const phone = new Phone({
        name: `phone ${place} (${code})`,
        network: this.network,
        time: () => this.time,
        random: this.random,
        plant: this.plant,
        sent: (text) => this.ledger.sent(text),
      });
      this.phones.push(phone);
      phone.tape = [...(tapes.get(`${code} ${nth}`) ?? [])];
      await phone.signIn(code, this.world.password);
      const window = await phone.openWindow();
      await phone.quiet();
      if (window) await phone.keepKey(window.store);
    }
  }

  /** @param {Step} step */
  async step(step) {
    this.time += step.wait;
    const phone = /** @type {Phone} */ (this.phones[step.phone % this.phones.length]);
    switch (step.do) {
      case "save":
        return phone.under(step.weather, () => this.saveNew(phone, step));
      case "edit":
      case "open":
      case "twice":
      case "draft":
      case "choose":
      case "withdraw":
        return phone.under(step.weather, () => this.change(phone, step));
      case "submit":
        return phone.under(step.weather, () => this.submit(phone, step));
      case "finish":
        return phone.under(step.weather, () => this.finish(phone, step));
      case "sync":
        return phone.under(step.weather, () => this.sync(phone, step));
      case "together":
        return Promise.all(
          this.phones.map((one, place) =>
            one.under(step.weathers[place] ?? {}, () => this.sync(one, { ...step, reason: "button" })),
          ),
        );
      case "window":
        return phone.under({}, async () => {
          if (phone.windows.length < 2) await phone.openWindow();
        });
      case "killPhone":
        return phone.kill();
      case "killServer":
        return this.network.kill();
      case "review":
        return this.desk.review(step);
      case "settle":
        return this.desk.settle(step);
      case "move":
        return this.desk.move(step);
      case "redact":
        return this.desk.redact(step);
      case "openReport":
        return this.desk.open(step);
      case "seal": {
        const full = await this.unsent(phone);
        return full.under(step.weather, () => this.seal(full));
      }
      case "carry":
        return this.carry(step);
      case "lose":
        return this.lose(phone);
      case "assign":
        return this.network.order("assign", {
          officer: this.world.officers[step.officer],
          unit: this.world.units[step.group],
          on: step.on,
        });
      case "endSession":
      case "revoke": {
        const person = await phone.person();
        if (person)
          await this.network.order("end_session", { device: person.device, revoke: step.do === "revoke" });
        return undefined;
      }
      case "signOut":
        return phone.under(step.weather, () => phone.signOut());
      case "signIn": {
        const code = step.who || this.schedule.phones[step.phone % this.phones.length];
        return phone.under(step.weather, () => phone.signIn(code, this.world.password));
      }
      case "clock":
        phone.skew = step.jump;
        return undefined;
      case "serverClock":
        this.serverSkew += step.jump;
        return undefined;
      case "ghost":
        return this.haunt(step.pick);
      default:
        throw new Error(step.do);
    }
  }

  /** A request comes that its phone has long given up. @param {number} pick */
  async haunt(pick) {
    const { ghosts } = this.network;
    const [ghost] = ghosts.splice(Math.floor(pick * ghosts.length), 1);
    if (ghost) await this.network.send(ghost);
  }

  /** @param {string} group @param {object} [more] @returns {Gandan.Body} */
  meeting(group, more = {}) {
    const summary = `Bà con đồng ý, lần ${++this.written}. ${this.secret()}`;
    return {
      unit_id: this.world.units[group],
      meeting_date: `2026-11-${10 + (this.written % 10)}`,
      start: "18:00",
      households_total: 29,
      households_present: this.written % 29,
      summary: this.written % 3 ? summary : summary.normalize("NFD"),
      ...more,
    };
  }

  /**
   * Save as a form does, and note what the person was told.
   * @param {Phone} phone @param {Gandan.Store} store @param {Gandan.Operation[]} operations
   * @param {{draftId?: string, parts?: Part[]}} [from] what the form was filled with
   */
  async save(phone, store, operations, { draftId, parts = [] } = {}) {
    const { saved, tried, drafts, refused } = this.ledger;
    /** @type {[string, string][]} */
    const bodies = operations.map(({ id, body }) => [id, plain(body)]);
    for (const [id, body] of bodies) tried.set(id, (tried.get(id) ?? new Set()).add(body));
    const place = draftPlace(phone, store, draftId ?? "");
    const draft = drafts.get(place);
    drafts.delete(place); // gone or not, until we know
    try {
      const said = this.plant === "blind" ? operations.map(({ form, seen, ...other }) => other) : operations;
      const rows = await saveAll(store, said, {
        draft: draftId ? { id: draftId } : undefined,
        now: phone.now,
        mint: this.mint,
      });
      for (const row of rows)
        this.ledger.confirmed(
          row,
          parts.find(({ id }) => id === row.record_id),
        );
    } catch (error) {
      if (/** @type {any} */ (error).code === "quota") {
        for (const [id, body] of bodies) {
          tried.get(id)?.delete(body);
          // A version that is chosen was kept before.
          if (![...saved.values()].some((one) => one.body === body)) refused.add(body);
        }
        if (draft) drafts.set(place, draft);
      }
      throw error;
    }
    for (const [id, body] of bodies) {
      tried.get(id)?.delete(body);
      refused.delete(body); // the same words were tried again
    }
  }

  /** Take a photo, and keep it before the entry that names it. @param {Phone} phone @param {Gandan.Store} store @param {number} kilobytes */
  async photo(phone, store, kilobytes) {
    const kept = await keepPhoto(store, jpeg(`${this.schedule.seed} ${++this.written}`, kilobytes), {
      now: phone.now,
    });
    return { ...kept, caption: "Cống đầu mương" };
  }

  /** @param {Phone} phone @param {Step} step */
  async saveNew(phone, step) {
    const window = await phone.window();
    if (!window) return undefined;
    const [id, form] = [this.mint(), this.mint()];
    const on = { base_rev: 0, settles: [], form };
    const body = this.meeting(step.group, step.invalid ? { households_present: 400 } : {});
    if (step.photo && step.kind !== "petition")
      body.photos = [await this.photo(phone, window.store, step.photo)];
    if (step.kind === "flash") return this.saveFlash(phone, window.store, id, body.unit_id);
    const raised = this.petition(body.unit_id);
    /** @type {Gandan.Operation[]} */
    const operations =
      step.kind === "petition"
        ? [{ kind: "petition.save", ...raised, ...on }]
        : [{ kind: "meeting.save", id, body, ...on }];
    if (step.kind === "both") {
      body.petition_ids = [raised.id];
      operations.push({
        kind: "petition.save",
        id: raised.id,
        entry: id,
        body: { ...raised.body, meeting_id: id },
        ...on,
      });
    }
    return this.save(phone, window.store, operations);
  }

  /** @param {Phone} phone @param {Gandan.Store} store @param {string} id @param {string} unit_id */
  async saveFlash(phone, store, id, unit_id) {
    const what = `Đê bao tràn, lần ${++this.written}. ${this.secret()}`;
    const learned_at = new Date(phone.now() - 60_000).toISOString();
    const body = { unit_id, what, where: "Đoạn cuối cồn", needed: "Bao cát" };
    await this.save(phone, store, [
      { kind: "flash_report.save", id, base_rev: 0, settles: [], learned_at, body },
    ]);
  }

  /** @param {string} unit_id @returns {{id: string, body: Gandan.Body}} */
  petition(unit_id) {
    const title = `Xin cống, lần ${++this.written}. ${this.secret()}`;
    return { id: this.mint(), body: { unit_id, title, category: "drainage" } };
  }

  /** @param {Phone} phone @param {Step} step */
  async change(phone, step) {
    const window = await phone.window();
    if (!window) return undefined;
    const at = phone.windows[Math.floor(step.pick * 97) % phone.windows.length] ?? window;
    const { store } = at;
    const shown = await viewsOf(store);
    const view = this.choose(shown, step, store.officerId);
    if (!view) return undefined;
    const part = partOf(shown, view);
    const { kind, id, base_rev, settles } = part;
    const on = { id, base_rev, settles };
    if (step.do === "withdraw") {
      const body = { reason: `Ghi nhầm, lần ${++this.written}` };
      return this.save(phone, store, [{ kind: `${kind}.withdraw`, ...on, body }], { parts: [part] });
    }
    if (step.do === "choose") {
      const versions = view.revisions.filter((one) => (one.standing || one.undecided) && one.body);
      const { body, withdrawal } = versions[Math.floor(step.pick * 89) % versions.length] ?? {};
      if (!body) return undefined;
      const verb = withdrawal ? "withdraw" : "save";
      return this.save(phone, store, [{ kind: `${kind}.${verb}`, ...on, body }], { parts: [part] });
    }
    if (step.do === "draft") return this.draft(phone, store, view, part);
    const form = openForm(shown, view, this.mint(), step.pick);
    if (!form) return undefined;
    if (step.do === "open") {
      at.forms.push(form);
      if (step.twice) (phone.windows.at(-1) ?? at).forms.push({ ...form, name: this.mint() });
      return undefined;
    }
    const first = this.fill(phone, store, form, step);
    if (step.do === "twice") {
      const other = phone.windows.at(-1)?.store ?? store;
      const second = this.fill(phone, other, { ...form, name: this.mint() }, step);
      await Promise.allSettled([first, second]);
    }
    return first;
  }

  /**
   * What of the notebook a step is about: what its author may still do something with.
   * @param {import("./forms.mjs").Shown} shown @param {Step} step @param {string} person
   */
  choose({ entries, petitions, flashes }, { do: what, pick }, person) {
    const reported = flashes.filter(({ where }) => what === "withdraw" && MAY_WITHDRAW.includes(where));
    const open = [...entries, ...petitions, ...reported]
      .filter(
        (view) =>
          view.body &&
          (!view.author || view.author.id === person) &&
          !["withdrawn", "locked", "draft"].includes(view.where) &&
          !view.withdrawing &&
          (view.where !== "parallel" || view.settled) &&
          (what !== "withdraw" || (view.where !== "accepted" && view.rev > 0)) &&
          (what !== "choose" || view.where === "parallel"),
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    return open[Math.floor(pick * open.length)];
  }

  /** What should not have been written down, and may have to be masked. @param {string} [before] words that may hold one */
  secret(before = "") {
    const kept = before.match(SECRET)?.[0];
    return `Gọi ${kept && this.written % 3 ? kept : `0790${100_000 + ++this.written}`}.`;
  }

  /** What somebody wrote over what a form was filled with. @param {Part} part @returns {Gandan.Body} */
  changed({ kind, body }) {
    const said = (/** @type {string} */ words, /** @type {string} */ before) =>
      `${words}, lần ${++this.written}. ${this.secret(before)}`;
    return kind === "meeting"
      ? { ...body, households_present: 5, summary: said("Sửa", body.summary) }
      : { ...body, title: said("Xin cống, sửa", body.title) };
  }

  /** @param {Phone} phone @param {Gandan.Store} store @param {Gandan.View} view @param {Part} part */
  async draft(phone, store, view, part) {
    const { kind, id, base_rev, seen, settles } = part;
    const body = { ...this.changed(part), seen, settles };
    const place = draftPlace(phone, store, id);
    this.ledger.drafts.delete(place); // the old or the new, until we know
    const updated_at = new Date(phone.now()).toISOString();
    this.drafted.set(`${place} ${plain(body)}`, part);
    await saveDraft(store, { id, kind, unit_id: view.unit_id, base_rev, updated_at, body });
    this.ledger.drafts.set(place, plain(body));
  }

  /** Save what was left half written. @param {Phone} phone @param {Step} step */
  async submit(phone, step) {
    const window = await phone.window();
    if (!window) return;
    const { store } = phone.windows[Math.floor(step.pick * 97) % phone.windows.length] ?? window;
    const { drafts } = await viewsOf(store);
    const draft = drafts[Math.floor(step.pick * drafts.length)];
    if (!draft) return;
    const { id, base_rev } = draft;
    const { seen, settles, ...body } = draft.body;
    const kind = /** @type {Gandan.Kind} */ (`${draft.kind}.save`);
    const part = this.drafted.get(`${draftPlace(phone, store, id)} ${plain(draft.body)}`);
    await this.save(phone, store, [{ kind, id, base_rev, seen, settles, form: this.mint(), body }], {
      draftId: id,
      parts: part ? [part] : [], // of one in which something was masked we know no more
    });
  }

  /** Save a form that was opened a while ago. @param {Phone} phone @param {Step} step */
  async finish(phone, step) {
    const open = phone.windows.flatMap((at) => at.forms.map((form) => ({ at, form })));
    const { at, form } = open[Math.floor(step.pick * open.length)] ?? {};
    if (!at || !form) return;
    await this.fill(phone, at.store, form, step);
    at.forms = at.forms.filter((one) => one !== form);
  }

  /**
   * Write over what a form was filled with, and save it.
   * @param {Phone} phone @param {Gandan.Store} store @param {import("./forms.mjs").Form} form @param {Step} step
   */
  async fill(phone, store, { name: form, parts }, step) {
    const [first, ...petitions] = /** @type {[Part, ...Part[]]} */ (parts);
    const body = this.changed(first);
    const { id, kind, base_rev, seen, settles } = first;
    /** @type {Gandan.Operation[]} */
    const operations = [{ kind: `${kind}.save`, id, base_rev, seen, settles, form, body }];
    const chance = (/** @type {number} */ place) => Math.floor(step.pick * 1009 * (place + 1)) % 4;
    const kept = petitions.filter((_, place) => chance(place) !== 0);
    for (const one of petitions) {
      const { id: record, base_rev, seen, settles } = one;
      const on = { id: record, entry: id, base_rev, seen, settles, form };
      const reason = `Bỏ khỏi phiếu khi sửa, lần ${++this.written}.`;
      if (!kept.includes(one)) operations.push({ kind: "petition.withdraw", ...on, body: { reason } });
      else if (chance(petitions.indexOf(one)) === 1)
        operations.push({ kind: "petition.save", ...on, body: this.changed(one) });
    }
    if (petitions.length) body.petition_ids = kept.map((one) => one.id);
    if (step.photo && kind === "meeting") {
      const photos = (body.photos ?? []).slice(0, 2);
      body.photos = [...photos, await this.photo(phone, store, step.photo)];
    }
    await this.save(phone, store, operations, { parts });
  }

  /** @param {Phone} phone @param {Step} step */
  async sync(phone, step) {
    const window = await phone.window();
    if (!window) return;
    const at = phone.windows[Math.floor(step.pick * 89) % phone.windows.length] ?? window;
    /** @type {Record<string, () => unknown>} */
    const triggers = {
      button: () => at.connection.sendNow(),
      save: () => at.connection.saved(),
      online: () => at.window.dispatchEvent(new Event("online")),
      visible: () => at.document.dispatchEvent(new Event("visibilitychange")),
      open: () => phone.openWindow(),
    };
    const sent = Promise.resolve(triggers[step.reason]?.());
    sent.catch(() => {}); // it may fail before anybody waits for it
    if (step.duringSync) {
      for (let pause = Math.floor(step.pick * 40); pause > 0; pause--) await new Promise(setImmediate);
      await this.change(phone, { ...step, do: "edit" }).catch(() => {});
    }
    await sent;
    if (phone.windows.length > 2) phone.close();
  }

  /** A phone on which something waits; this one rather than another. @param {Phone} wanted */
  async unsent(wanted) {
    for (const phone of [wanted, ...this.phones]) {
      const [window] = phone.windows;
      if (window && (await window.store.count("outbox"))) return phone;
    }
    return wanted;
  }

  /** Seal what waits on a phone. @param {Phone} phone */
  async seal(phone) {
    const window = await phone.window();
    if (!window) return;
    const { life } = phone;
    const { bytes, operations } = await phone.rescueFile(window.store);
    if (!life.dead && operations.length)
      this.files.push({ phone, bytes, operations, isNeeded: false, isIn: false });
  }

  /** Somebody brings a rescue file to the desk. @param {Step} step */
  async carry({ pick, weather }) {
    const file = this.files[Math.floor(pick * this.files.length)];
    if (file) file.isIn = (await this.desk.takeIn(file.bytes, weather.network?.[0])) || file.isIn;
  }

  /** A phone that has left a rescue file falls into the canal. @param {Phone} phone */
  async lose(phone) {
    const files = this.files.filter((file) => file.phone === phone);
    if (!files.length) return;
    phone.kill();
    const sealed = new Set(files.flatMap(({ operations }) => operations));
    for (const file of files) file.isNeeded = true;
    for (const { id } of await phone.people()) {
      const store = await phone.open(id);
      for (const row of await store.all("outbox"))
        if (!sealed.has(row.op_id)) this.ledger.drowned.add(row.op_id);
      for (const row of await store.all("media")) this.ledger.drowned.add(row.sha256);
      store.close();
    }
    const { drafts } = this.ledger;
    for (const place of drafts.keys()) if (place.startsWith(`${phone.name},`)) drafts.delete(place);
    phone.replace();
    phone.count("lost");
  }

  /** Let the dust settle: no more faults, everybody signs in and syncs until it is quiet. */
  async dustSettles() {
    while (this.network.ghosts.length) await this.haunt(this.random());
    for (const file of this.files) {
      if (file.isNeeded && !file.isIn && !(await this.desk.takeIn(file.bytes)))
        this.ledger.violations.push("a rescue file was not taken in");
    }
    for (const phone of this.phones) {
      phone.kill();
      phone.isOnline = true;
    }
    /** @type {import("./ledger.mjs").Notebook[]} */
    const notebooks = [];
    for (const last of [false, true]) {
      for (const phone of this.phones) {
        for (const { id } of await phone.people()) {
          notebooks.push(.../** @type {any} */ (await this.sendAll(phone, id, last)));
        }
      }
    }
    return notebooks;
  }

  /** @param {Phone} phone @param {string} id @param {boolean} last */
  async sendAll(phone, id, last) {
    const signIn = () => phone.signIn(this.codes[id] ?? "", this.world.password);
    this.time += PAUSE;
    if ((await phone.person())?.id !== id) await signIn();
    const opened = !phone.windows.length;
    let window = /** @type {import("./phone.mjs").Window} */ (await phone.window());
    await phone.quiet();
    let state = opened ? window.sync.state() : await window.connection.sendNow();
    for (let round = 0; state.unsent || state.photos.waiting || state.problem; round++) {
      if (round === ROUNDS) {
        const { unsent, photos, problem } = state;
        const waiting = `${unsent} entries and ${photos.waiting} photos waiting`;
        this.ledger.violations.push(`${phone.name}: not quiet: ${waiting}, ${problem?.code}`);
        break;
      }
      this.time += PAUSE;
      if (
        ["sign_in_required", "wrong_person", "revoked_device", "quarantine_full"].includes(
          state.problem?.code ?? "",
        )
      ) {
        await signIn();
        window = /** @type {import("./phone.mjs").Window} */ (await phone.window());
      }
      state = await window.connection.sendNow();
    }
    await phone.quiet();
    if (!last) return [];
    const photos = await owedPhotos(window.store);
    const drifts = (await window.store.all("diary")).filter(({ event }) => event === "drifted");
    return [{ person: id, phone: phone.name, photos, drifts, ...(await viewsOf(window.store)) }];
  }

  /** Old requests come once more when everything is over: nothing may change. */
  async replay() {
    const count = Math.min(3, this.pushes.length);
    for (let n = 0; n < count; n++) {
      await this.network.send(
        /** @type {Call} */ (this.pushes[Math.floor(this.random() * this.pushes.length)]),
      );
    }
    for (const { bytes } of this.files) await this.desk.takeIn(bytes);
  }
}

/** The least that is a JPEG, around some bytes of its own. @param {string} words @param {number} kilobytes */
function jpeg(words, kilobytes) {
  const head = [0xff, 0xd8, 0xff, 0xe0, 0, 16, ...Buffer.from("JFIF\0"), ...Array(9).fill(0)];
  const frame = [0xff, 0xc0, 0, 11, 8, 960 >> 8, 960 & 0xff, 1280 >> 8, 1280 & 0xff, 1, 0, 0, 0];
  const scan = [0xff, 0xda, 0, 8, 0, 0, 0, 0, 0, 0];
  const filler = Buffer.alloc(kilobytes * 1024, `${words} `);
  const bytes = Buffer.concat([Buffer.from([...head, ...frame, ...scan]), filler, Buffer.from([0xff, 0xd9])]);
  return new Uint8Array(bytes).buffer;
}

/** @param {Phone} phone @param {Gandan.Store} store @param {string} id */
const draftPlace = (phone, store, id) => [phone.name, store.officerId, id].join();

/** What the server answers to each phone at the beginning. @type {Map<string, import("./network.mjs").Answer[]>} */
const tapes = new Map();

/**
 * Have every phone begin once, and the server remember how things stand then.
 * @param {import("./network.mjs").Network} network @param {any} world @param {string[]} phones
 */
export async function rehearse(network, world, phones) {
  const run = new Run(network, world, { seed: 0, phones: [], steps: [] });
  await run.start();
  for (const [place, code] of phones.entries()) {
    const one = new Run(network, world, { seed: 0, phones: [code], steps: [] });
    /** @type {import("./network.mjs").Answer[]} */
    const heard = [];
    network.heard = (_, answer) => heard.push(answer);
    await one.begin();
    const nth = phones.slice(0, place).filter((other) => other === code).length;
    tapes.set(`${code} ${nth}`, heard);
    for (const phone of one.phones) phone.close();
  }
  await network.order("remember");
}

const GROW = [
  "meeting",
  "meeting_revision",
  "petition",
  "petition_revision",
  "flash_report",
  "flash_report_revision",
  "receipt",
  "quarantined",
  "feed",
];

/**
 * @param {import("./network.mjs").Network} network @param {any} world @param {Schedule} schedule
 * @param {{plant?: string}} [options]
 * @returns {Promise<Result>}
 */
export async function runSchedule(network, world, schedule, { plant } = {}) {
  const { kills, requests } = network;
  const run = new Run(network, world, schedule, plant);
  const { ledger } = run;
  try {
    await run.start();
    for (const step of schedule.steps) await run.step(step);
    const notebooks = await run.dustSettles();
    const dump = await network.look();
    ledger.check(dump, notebooks, world, network.now());
    await run.replay();
    const after = await network.look();
    for (const name of GROW) {
      if (JSON.stringify(dump[name]) !== JSON.stringify(after[name]))
        ledger.violations.push(`a repetition changed ${name}`);
    }
  } catch (error) {
    ledger.violations.push(`the schedule could not be run: ${/** @type {Error} */ (error).stack}`);
  }
  for (const phone of run.phones) phone.close();
  /** @type {Record<string, number>} */
  const faults = {};
  for (const seen of [...run.phones.map((phone) => phone.seen), run.desk.done]) {
    for (const [what, count] of Object.entries(seen)) faults[what] = (faults[what] ?? 0) + count;
  }
  return {
    violations: ledger.violations,
    steps: schedule.steps.length,
    kills: network.kills - kills,
    deaths: run.phones.reduce((sum, { deaths }) => sum + deaths - 1, 0),
    operations: ledger.saved.size,
    requests: network.requests - requests,
    faults,
  };
}
