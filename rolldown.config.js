// Joins the notebook's modules into the few files that phones fetch (docs/decisions/0013-joined-scripts.md): `make scripts`.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { defineConfig } from "rolldown";

const STATIC = `${import.meta.dirname}/static`;
const PAGES = ["today", "record", "entry", "group", "groups", "device", "activate"];
/** Read by pages when they can be used already. */
const LATER = ["exchange", "updates"];

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

export default defineConfig({
  input: Object.fromEntries([...PAGES, ...LATER].map((name) => [name, `${STATIC}/js/pages/${name}.js`])),
  plugins: [sources],
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
