/** Bundles src/widget.ts into the Python package: one ES module, no imports, style sheet included as text. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const LIMIT = 100_000;
const outfile = fileURLToPath(new URL("../src/autograd_widget/static/widget.js", import.meta.url));

await build({
  entryPoints: [fileURLToPath(new URL("./src/widget.ts", import.meta.url))],
  outfile,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  plugins: [{ name: "style as text", setup: (it) => it.onLoad({ filter: /\.css$/ }, styleAsText) }],
  legalComments: "none",
});

const bundle = readFileSync(outfile);
console.log(`widget.js: ${bundle.length} bytes, ${gzipSync(bundle, { level: 9 }).length} gzipped`);
if (bundle.length > LIMIT) {
  console.error(`widget.js is larger than ${LIMIT} bytes: every saved notebook would carry it.`);
  process.exit(1);
}

async function styleAsText({ path }) {
  const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
  return { contents: code, loader: "text" };
}
