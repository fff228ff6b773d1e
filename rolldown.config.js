// Joins the notebook's modules into the few files that phones fetch (docs/decisions/0013-joined-scripts.md): `make scripts`.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { defineConfig } from "rolldown";

const STATIC = `${import.meta.dirname}/static`;
const PAGES = [
  "today",
  "record",
  "entry",
  "group",
  "groups",
  "device",
  "calendar",
  "bulletins",
  "agenda",
  "flash",
  "activate",
];
/** Read by pages when they can be used already. */
const LATER = ["exchange", "updates", "guide"];

/** What was joined, so that the server can tell whether it still says the same as the sources. @type {import("rolldown").Plugin} */
const sources = {
  name: "sources",
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((one) => (one.type === "chunk" ? one.moduleIds : []));
    const hashes = [...new Set(modules)]
      .filter((path) => path.startsWith(STATIC))
      .sort()
      .map((path) => [relative(STATIC, path), createHash("sha256").update(readFileSync(path)).digest("hex")]);
    const source = `${JSON.stringify(Object.fromEntries(hashes), null, 2)}\n`;
    this.emitFile({ type: "asset", fileName: "sources.json", source });
  },
};

/**
 * Browsers keep compiled what a worker stored at its installation, but only of classic scripts: on a slow phone a page opens
 * a tenth sooner. So each page's script becomes one, takes what it shares with others from `globalThis.gandan`, and waits for
 * it where it came first. What is read later stays a module. @type {import("rolldown").Plugin}
 */
const classic = {
  name: "classic",
  renderChunk(code, { name, imports }) {
    if (code.includes("import.meta")) throw new Error(`${name}: a classic script knows no import.meta`);
    const taken = /^import \{([^}]*)\} from "\.\/shared\.js";\n/gm;
    const given = /^export \{([^}]*)\};\n?/gm;
    const pairs = (/** @type {string} */ names, /** @type {(from: string, to: string) => string} */ write) =>
      names
        .split(",")
        .map((part) => part.trim().split(" as "))
        .map(([from = "", to = from]) => write(from, to))
        .join(", ");
    if (name === "shared") {
      const inside = code.replace(given, (_, names) => {
        const object = pairs(names, (from, to) => `${to}: ${from}`);
        return `globalThis.gandan = { ${object} };\ndispatchEvent(new Event("gandan"));\n`;
      });
      return `(() => {\n${inside}\n})();\n`;
    }
    const inside = code.replace(taken, (_, names) => {
      return `const { ${pairs(names, (from, to) => `${from}: ${to}`)} } = globalThis.gandan;\n`;
    });
    if (LATER.includes(name)) return inside;
    const wait =
      'if (!globalThis.gandan) await new Promise((come) => addEventListener("gandan", come, { once: true }));';
    return `(async () => {\n${imports.length ? wait : ""}\n${inside}\n})();\n`;
  },
};

export default defineConfig({
  input: Object.fromEntries([...PAGES, ...LATER].map((name) => [name, `${STATIC}/js/pages/${name}.js`])),
  plugins: [sources, classic],
  output: {
    dir: `${STATIC}/built`,
    cleanDir: true,
    format: "esm",
    minify: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    // One file for whatever two pages have in common: each further one is a request more on a slow line.
    codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
  },
});
