// IndexedDB that can be killed, filled up, closed or made to lie at any operation, under the real database.js.
import "fake-indexeddb/auto";
import { forceCloseDatabase, IDBFactory } from "fake-indexeddb";

/** @typedef {{at: number, what: "quota" | "late-quota" | "closed" | "lost-commit"}} StorageFault */

export class Killed extends Error {
  /** @override */
  name = "Killed";
}

/** @type {WeakMap<object, Life>} the life that opened a database */
const owners = new WeakMap();

/**
 * One run of the app on a phone, from its start until it is closed or killed. Every touch of the disk or the network
 * is one tick; after the killing tick nothing ever reaches either again, whatever the old code still tries.
 */
export class Life {
  dead = false;
  ticks = 0;
  killAt = Number.POSITIVE_INFINITY;
  /** @type {StorageFault[]} */
  faults = [];
  /** @type {Set<IDBTransaction>} */
  live = new Set();
  /** Faults that came true. @type {string[]} */
  seen = [];

  /** @param {IDBFactory} disk */
  constructor(disk) {
    /** What the app takes for the browser's `indexedDB`. @type {any} */
    this.indexedDB = {
      open: (/** @type {string} */ name, /** @type {number} */ version) => {
        this.tick();
        const request = disk.open(name, version);
        request.addEventListener("success", () => owners.set(request.result, this));
        return request;
      },
    };
  }

  /** Count one touch of the world outside. @returns {StorageFault["what"] | undefined} what goes wrong with it */
  tick() {
    if (this.dead) throw new Killed("killed");
    this.ticks++;
    if (this.ticks >= this.killAt) {
      this.kill();
      throw new Killed("killed");
    }
    const place = this.faults.findIndex((fault) => fault.at <= this.ticks);
    return place < 0 ? undefined : this.faults[place]?.what;
  }

  /** @param {StorageFault["what"]} what the fault has come true */
  used(what) {
    this.faults.splice(
      this.faults.findIndex((fault) => fault.what === what),
      1,
    );
    this.seen.push(what);
  }

  /** Power off: what is not committed is gone. */
  kill() {
    this.dead = true;
    for (const tx of this.live) {
      try {
        tx.abort();
      } catch {}
    }
    this.live.clear();
  }
}

/** @param {any} prototype @param {string} name @param {(original: any) => any} make */
function patch(prototype, name, make) {
  prototype[name] = make(prototype[name]);
}

patch(
  IDBDatabase.prototype,
  "transaction",
  (original) =>
    /** @this {IDBDatabase} @param {any[]} args */
    function (...args) {
      const life = owners.get(this);
      if (!life) return original.apply(this, args);
      if (life.tick() === "closed") {
        life.used("closed");
        forceCloseDatabase(/** @type {any} */ (this));
      }
      const tx = original.apply(this, args);
      life.live.add(tx);
      const over = () => life.live.delete(tx);
      tx.addEventListener("complete", over);
      tx.addEventListener("abort", over);
      return tx;
    },
);

const READS = ["get", "getAll", "count"];
const WRITES = ["put", "add", "delete", "clear"];
for (const [prototype, names] of /** @type {[any, string[]][]} */ ([
  [IDBObjectStore.prototype, [...READS, ...WRITES]],
  [IDBIndex.prototype, READS],
])) {
  for (const name of names) {
    patch(
      prototype,
      name,
      (original) =>
        /** @this {any} @param {any[]} args */
        function (...args) {
          const tx = (this.objectStore ?? this).transaction;
          const life = owners.get(tx.db);
          const fault = life?.tick();
          const written = tx.mode === "readwrite" && WRITES.includes(name);
          if (life && fault === "quota" && written) {
            life.used(fault);
            throw new DOMException("full", "QuotaExceededError");
          }
          if (life && fault === "closed") {
            life.used(fault);
            tx._abort("AbortError");
            forceCloseDatabase(tx.db);
          }
          const request = original.apply(this, args);
          if (life && fault === "late-quota" && written) {
            life.used(fault);
            request.addEventListener("success", () => tx._abort("QuotaExceededError"));
          }
          return request;
        },
    );
  }
}

// The rarest of all: the disk has it, and the browser says it was lost.
patch(
  IDBTransaction.prototype,
  "dispatchEvent",
  (original) =>
    /** @this {any} @param {any} event */
    function (event) {
      const life = owners.get(this.db);
      const lie = life?.faults.find(({ at, what }) => what === "lost-commit" && at <= life.ticks);
      if (life && lie && event.type === "complete" && this.mode === "readwrite") {
        life.used("lost-commit");
        this.error = new DOMException("lost", "AbortError");
        event.type = "abort";
      }
      return original.call(this, event);
    },
);
