/** Bundles src/widget.ts into the Python package: one ES module, no imports, the style sheet included as text. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

/** In bytes, gzipped: every saved notebook carries the bundle, once per widget. */
const LIMIT = 75_000;
/** Pages and notebooks that carry the bundle carry its licence so. */
const NOTICE =
  "/*! autograd_widget, (c) 2026 autograd_widget contributors, SPDX-License-Identifier: BSD-3-Clause */";
const outfile = fileURLToPath(new URL("../src/autograd_widget/static/widget.js", import.meta.url));

const bundled = await built(fileURLToPath(new URL("./src/widget.ts", import.meta.url)), {
  format: "esm",
  banner: { js: NOTICE },
  plugins: [{ name: "style as text", setup: (it) => it.onLoad({ filter: /\.css$/ }, styleAsText) }],
});
// Getters do nothing that is seen, no function is called with `new`, and nobody replaces `String`, `Array` and the like.
const compress = {
  passes: 3,
  pure_getters: true,
  unsafe_arrows: true,
  unsafe: true,
  sequences: false,
  lhs_constants: false,
};
// Terser names what is used most by the shortest names, which packs into a twentieth less.
const { code } = await minify(bundled, { module: true, ecma: 2022, compress });
const bundle = Buffer.from(code);
const size = gzipSync(bundle, { level: 9 }).length;
console.log(`widget.js: ${bundle.length} bytes, ${size} gzipped`);
if (size > LIMIT) {
  console.error(`widget.js is larger than ${LIMIT} bytes gzipped: take something out, or raise the limit.`);
  process.exit(1);
}
mkdirSync(dirname(outfile), { recursive: true });
writeFileSync(outfile, bundle);

/** Bundle and minify one file with what it imports. */
async function built(entry, options) {
  const common = { bundle: true, minify: true, target: "es2022", charset: "utf8", legalComments: "none" };
  const files = { entryPoints: [entry], write: false, metafile: true };
  const { outputFiles, metafile } = await build({ ...common, ...options, ...files });
  const foreign = Object.keys(metafile.inputs).find((path) => path.includes("node_modules"));
  if (foreign) {
    console.error(
      `widget.js would carry ${foreign}, whose licence nothing of ours carries: don't import it.`,
    );
    process.exit(1);
  }
  return outputFiles[0].text;
}

async function styleAsText({ path }) {
  return { contents: await built(path), loader: "text" };
}
