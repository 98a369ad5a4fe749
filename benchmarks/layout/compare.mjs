/**
 * Crossings, edge length, size and time of our layout, of dagre and of Graphviz's `dot`, on the same cards.
 *
 *     npm install --no-save @dagrejs/dagre @hpcc-js/wasm-graphviz    # anywhere; run this from there
 *     node …/benchmarks/layout/compare.mjs [--large]
 *
 * What isn't installed is left out. Crossings are counted between the curves as drawn; two edges of one producer,
 * which start at one port, don't cross each other. Lengths are in thousands of pixels.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = new URL("../../", import.meta.url);
const require = createRequire(new URL("js/package.json", root));
const { graphs, layout } = await ours();
const dagre = await optional("@dagrejs/dagre");
const graphviz = await optional("@hpcc-js/wasm-graphviz");
const dot = graphviz && (await graphviz.Graphviz.load());

const families = {
  "recurrence 3": graphs.recurrence(3),
  "recurrence 10": graphs.recurrence(10),
  "recurrence 30": graphs.recurrence(30),
  "MLP 2-4-4-1": graphs.mlp([2, 4, 4, 1]),
  "MLP 4-4-4-2": graphs.mlp([4, 4, 4, 2]),
  "MLP 3-6-6-2": graphs.mlp([3, 6, 6, 2]),
  "LSTM 1": graphs.lstm(1),
  "LSTM 3": graphs.lstm(3),
  "LSTM 8": graphs.lstm(8),
  "attention 2": graphs.attention(2),
  "attention 4": graphs.attention(4),
  "attention 6": graphs.attention(6),
  "expression 12": graphs.expression(6, 12, 3),
  "expression 40": graphs.expression(12, 40, 4),
  "expression 100": graphs.expression(30, 100, 5),
  "expression 300": graphs.expression(80, 300, 6),
};
const large = {
  "recurrence 100": graphs.recurrence(100),
  "recurrence 1000": graphs.recurrence(1000),
  "MLP 8-16-8-1": graphs.mlp([8, 16, 8, 1]),
  "MLP 30-50-30-5": graphs.mlp([30, 50, 30, 5]),
  "MLP 50-80-50-5": graphs.mlp([50, 80, 50, 5]),
  "expression 5000": graphs.expression(800, 5000, 7),
};

const isLarge = process.argv.includes("--large");
for (const [name, sample] of Object.entries(isLarge ? large : families)) {
  const input = graphs.asked(sample, { pills: false });
  const row = [name.padEnd(16), String(sample.kind.length).padStart(6)];
  row.push(report("ours", input, () => layout(input)));
  if (dagre && !isLarge) row.push(report("dagre", input, () => byDagre(input)));
  if (dot && !isLarge) row.push(report("dot", input, () => byDot(input)));
  console.log(row.join("  "));
}

function report(name, input, draw) {
  try {
    draw();
    const start = performance.now();
    const picture = draw();
    const ms = performance.now() - start;
    const lines = picture.routes.map((route) => sampled(route.path));
    const cross = isLarge ? "" : ` ${String(crossings(input, lines)).padStart(5)} ×`;
    const length = (lines.reduce((sum, line) => sum + lengthOf(line), 0) / 1000).toFixed(1);
    const size = `${Math.round(picture.width)}×${Math.round(picture.height)}`;
    return `${name}${cross} ${length.padStart(7)} k ${size.padStart(10)} ${ms.toFixed(0).padStart(5)} ms`;
  } catch (error) {
    return `${name} ${String(error).slice(0, 30)}`;
  }
}

function byDagre({ sizes, edges }) {
  const g = new dagre.graphlib.Graph({ multigraph: true });
  g.setGraph({ rankdir: "LR", ranksep: 46, nodesep: 24 });
  g.setDefaultEdgeLabel(() => ({}));
  sizes.forEach((size, id) => {
    g.setNode(String(id), { ...size });
  });
  edges.forEach(({ from, to }, e) => {
    g.setEdge(String(from), String(to), {}, String(e));
  });
  dagre.layout(g);
  const routes = edges.map(({ from, to }, e) => {
    const points = g.edge(String(from), String(to), String(e)).points;
    return { path: points.flatMap(({ x, y }, i) => (i === 0 ? [x, y] : straight(points[i - 1], { x, y }))) };
  });
  return { ...g.graph(), routes };
}

function straight(a, b) {
  return [a.x, a.y, b.x, b.y, b.x, b.y];
}

function byDot({ sizes, edges }) {
  const inches = (pixels) => (pixels / 72).toFixed(4);
  const nodes = sizes.map(
    ({ width, height }, id) => `${id} [width=${inches(width)} height=${inches(height)}]`,
  );
  const arrows = edges.map(({ from, to }) => `${from} -> ${to}`);
  const source = `digraph { rankdir=LR; ranksep=${46 / 72}; nodesep=${24 / 72}; edge [dir=none];
    node [shape=box fixedsize=true label=""]; ${[...nodes, ...arrows].join("; ")} }`;
  const drawn = JSON.parse(dot.layout(source, "json", "dot"));
  const routes = drawn.edges.map(({ pos }) => ({ path: pos.split(/[ ,]/).map(Number) }));
  const [, , width, height] = drawn.bb.split(",").map(Number);
  return { width, height, routes };
}

function sampled(path, each = 8) {
  const points = [[path[0], path[1]]];
  for (let i = 2; i < path.length; i += 6) {
    const at = (t, o) =>
      (1 - t) ** 3 * path[i - 2 + o] +
      3 * (1 - t) ** 2 * t * path[i + o] +
      3 * (1 - t) * t * t * path[i + 2 + o] +
      t ** 3 * path[i + 4 + o];
    for (let j = 1; j <= each; j++) points.push([at(j / each, 0), at(j / each, 1)]);
  }
  return points;
}

function lengthOf(line) {
  return line.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - line[i][0], y - line[i][1]), 0);
}

/** Sweeps over the pieces by where they begin. */
function crossings({ edges }, lines) {
  const pieces = lines.flatMap((line, e) =>
    line.slice(1).map((to, i) => (line[i][0] <= to[0] ? { a: line[i], b: to, e } : { a: to, b: line[i], e })),
  );
  pieces.sort((one, two) => one.a[0] - two.a[0]);
  const side = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  let count = 0;
  let open = [];
  for (const piece of pieces) {
    open = open.filter(({ b }) => b[0] >= piece.a[0]);
    for (const { a, b, e } of open) {
      if (edges[e].from === edges[piece.e].from) continue;
      const apart = side(a, b, piece.a) * side(a, b, piece.b) < 0;
      if (apart && side(piece.a, piece.b, a) * side(piece.a, piece.b, b) < 0) count++;
    }
    open.push(piece);
  }
  return count;
}

async function ours() {
  const { build } = require("esbuild");
  const folder = mkdtempSync(join(tmpdir(), "layout-"));
  const outfile = join(folder, "layout.mjs");
  const contents = `
    export { layout } from "./js/src/layout.ts";
    export * as graphs from "./benchmarks/layout/graphs.ts";`;
  await build({ stdin: { contents, resolveDir: root.pathname }, bundle: true, format: "esm", outfile });
  const module = await import(pathToFileURL(outfile));
  rmSync(folder, { recursive: true });
  return module;
}

async function optional(name) {
  try {
    const module = await import(pathToFileURL(createRequire(join(process.cwd(), "x.js")).resolve(name)));
    return module.default ?? module;
  } catch {
    return undefined;
  }
}
