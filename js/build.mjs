/** Bundles src/widget.ts into the Python package: one ES module, no imports, style sheet included as text. */
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const LIMIT = 100_000;
const outfile = new URL("../src/autograd_widget/static/widget.js", import.meta.url).pathname;

await build({
  entryPoints: [new URL("./src/widget.ts", import.meta.url).pathname],
  outfile,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  loader: { ".css": "text" },
  legalComments: "none",
});

const bundle = readFileSync(outfile);
console.log(`widget.js: ${bundle.length} bytes, ${gzipSync(bundle, { level: 9 }).length} gzipped`);
if (bundle.length > LIMIT) {
  console.error(`widget.js is larger than ${LIMIT} bytes: every saved notebook would carry it.`);
  process.exit(1);
}
