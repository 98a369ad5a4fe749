/**
 * Our layout, dagre and Graphviz's `dot` on the same cards, with the same gaps: a table per family of graphs.
 *
 *     node benchmarks/layout/compare.mjs [--all] [--each] [--json] [family …]
 *
 * For each family the median, over its graphs, of the other's figure divided by ours, and in brackets the worst for us:
 * above 1 we are better. Crossings are counted twice, and lengths measured twice: of the lines as drawn (curves as pieces of
 * polygons), and of straight lines from the middle of one card to the middle of the next. For crossings the drawn lines
 * too go on to the middles of their cards: who draws a line through a card crosses that card's own lines there. Edges that
 * share an end don't cross each other. One crossing is added to either side, so that none at all can be compared.
 *
 * `--each` prints every graph, `--json` the ratios and the times of large graphs for `make bench`.
 *
 * 'Held out' (with `--all`) are families and seeds that nobody looked at while the layout's constants were chosen.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const LAYER_GAP = 46;
const NODE_GAP = 24;
const PATIENCE = 30_000; // milliseconds for dot
const DAGRE_CARDS = 420; // beyond, dagre takes minutes

const root = new URL("../../", import.meta.url);
const require = createRequire(new URL("js/package.json", root));
const { graphs, layout } = await ours();
const dagre = await optional("@dagrejs/dagre");
const hasDot = spawnSync("dot", ["-V"]).status === 0;

const seeds = (count, first) => Array.from({ length: count }, (_, i) => first + i);
const expressions = (first) =>
  [12, 40, 100, 300, 700].flatMap((size) =>
    seeds(size < 300 ? 4 : 2, first).map((seed) => graphs.expression(Math.ceil(size / 4), size, seed)),
  );
const families = {
  recurrence: [3, 5, 10, 20, 30, 50].map(graphs.recurrence),
  LSTM: [1, 2, 3, 5, 8, 12, 20].map(graphs.lstm),
  MLP: [
    [2, 4, 4, 1],
    [4, 4, 4, 2],
    [3, 6, 6, 2],
    [2, 8, 1],
    [8, 8, 4],
    [5, 10, 5, 1],
    [6, 12, 8, 2],
  ].map(graphs.mlp),
  attention: [2, 3, 4, 5, 6, 8, 10].map(graphs.attention),
  expression: expressions(1),
};
const heldOut = {
  "expression 2": expressions(101),
  "MLP 2": [
    [3, 3, 3, 3],
    [2, 5, 1],
    [10, 6, 3],
    [4, 7, 7, 3],
    [12, 12, 1],
    [8, 16, 8, 1],
  ].map(graphs.mlp),
  "recurrence 2": [4, 8, 15, 25, 40].map(graphs.recurrence),
  "LSTM 2": [4, 6, 10, 16].map(graphs.lstm),
  "attention 2": [7, 9, 11].map(graphs.attention),
  GRU: [1, 2, 4, 8, 16, 30].map(graphs.gru),
  batch: [
    [[2, 2, 1], 3],
    [[2, 3, 1], 6],
    [[2, 4, 1], 12],
    [[3, 3, 3, 1], 8],
  ].map((of) => graphs.batch(...of)),
  convolution: [
    [6, 3],
    [10, 3],
    [16, 3],
    [24, 5],
    [40, 4],
  ].map((of) => graphs.convolution(...of)),
  polynomial: [
    [3, 2],
    [4, 4],
    [5, 10],
    [6, 25],
  ].map((of) => graphs.polynomial(...of)),
  softmax: [
    [2, 3],
    [4, 3],
    [4, 8],
    [8, 10],
    [12, 16],
  ].map((of) => graphs.softmax(...of)),
  descent: [1, 2, 4, 8, 16, 40].map(graphs.descent),
  determinant: [2, 3, 4, 5, 6].map(graphs.determinant),
  // These were seen when only one thing was left to choose: how much length weighs when an order is chosen.
  "expression 3": expressions(201),
  "MLP 3": [
    [3, 4, 2],
    [6, 6, 1],
    [2, 3, 3, 1],
    [7, 5, 4, 2],
    [10, 8, 1],
  ].map(graphs.mlp),
  "softmax 2": [
    [3, 4],
    [5, 5],
    [3, 9],
    [6, 12],
  ].map((of) => graphs.softmax(...of)),
  "batch 2": [
    [[2, 3, 2], 4],
    [[3, 4, 1], 5],
    [[2, 5, 1], 9],
  ].map((of) => graphs.batch(...of)),
  predators: [1, 2, 4, 8, 16].map(graphs.predators),
  normalisation: [3, 5, 8, 16, 32].map(graphs.normalisation),
  matrices: [2, 3, 4].map(graphs.matrices),
  filter: [2, 4, 8, 16, 32].map(graphs.filter),
  // And these after that: nothing was chosen by them.
  "expression 4": expressions(301),
  "MLP 4": [
    [4, 5, 3],
    [3, 7, 2],
    [5, 3, 3, 2],
    [8, 6, 2],
    [2, 6, 4, 1],
    [4, 3, 4, 3],
    [9, 9, 1],
  ].map(graphs.mlp),
  "softmax 3": [
    [2, 6],
    [6, 4],
    [5, 9],
    [10, 8],
  ].map((of) => graphs.softmax(...of)),
  "polynomial 2": [
    [3, 5],
    [4, 8],
    [6, 4],
    [5, 20],
  ].map((of) => graphs.polynomial(...of)),
  "convolution 2": [
    [8, 3],
    [12, 4],
    [20, 3],
    [30, 5],
  ].map((of) => graphs.convolution(...of)),
  // And these after neighbours changed places for length: nothing was chosen by them either.
  "recurrence 3": [6, 12, 35].map(graphs.recurrence),
  "LSTM 3": [7, 9, 14].map(graphs.lstm),
  "MLP 5": [
    [4, 5, 5, 2],
    [3, 8, 3],
    [7, 7, 2],
    [2, 4, 2, 1],
    [6, 3, 3],
    [11, 5, 1],
  ].map(graphs.mlp),
  "expression 5": expressions(401),
  "softmax 4": [
    [3, 6],
    [7, 3],
    [4, 12],
  ].map((of) => graphs.softmax(...of)),
  "Runge-Kutta": [1, 2, 4, 8].map(graphs.rungeKutta),
};

const args = process.argv.slice(2);
const named = args.filter((name) => !name.startsWith("--"));
const chosen = args.includes("--all") || named.length > 0 ? { ...families, ...heldOut } : families;
const picked = Object.entries(chosen).filter(([name]) => named.length === 0 || named.includes(name));
const isLoud = args.includes("--each");

if (args.includes("--json")) {
  const rows = picked.flatMap(([name, samples]) => ratios(name, samples));
  console.log(JSON.stringify({ hasDot, hasDagre: Boolean(dagre), rows, times: times() }));
  process.exit();
}
console.log(
  "| family | graphs | against | crossings as drawn | crossings, straight | length as drawn | length, straight | area | time |",
);
console.log("|---|---|---|---|---|---|---|---|---|");
for (const [name, samples] of picked) {
  for (const { other, graphs: count, figures } of ratios(name, samples)) {
    const cells = Object.values(figures).map(
      ([middle, worst]) => `${middle.toFixed(2)} (${worst.toFixed(2)})`,
    );
    console.log(`| ${name} | ${count} | ${other} | ${cells.join(" | ")} |`);
  }
}
if (!hasDot) console.log("\nGraphviz's `dot` is missing here: not compared.");
if (!dagre) console.log("\ndagre is missing here: not compared.");

/** For each other program: of each figure the median ratio to ours, and the worst. */
function ratios(name, samples) {
  const rows = samples.map((sample) => compared(name, sample));
  return ["dot", "dagre"].flatMap((other) => {
    const both = rows.filter((row) => row[other]);
    if (both.length === 0) return [];
    const figures = ["crossings", "straight", "length", "straightLength", "area", "ms"].map((key) => {
      const extra = key === "crossings" || key === "straight" ? 1 : 0;
      const sorted = both
        .map((row) => (row[other][key] + extra) / (row.ours[key] + extra))
        .sort((a, b) => a - b);
      return [key, [median(sorted), sorted[0]]];
    });
    return [{ name, other, graphs: both.length, figures: Object.fromEntries(figures) }];
  });
}

/** Milliseconds of large graphs, of ours and of dot in turn; the median of some rounds. */
function times() {
  const large = {
    "MLP of 151": [graphs.mlp([4, 4, 4, 2]), true],
    "recurrence of 100 steps": [graphs.recurrence(100), false],
    "recurrence of 1,000 steps": [graphs.recurrence(1000), false],
    "MLP of 19,799": [graphs.mlp([50, 70, 40, 5]), false],
  };
  return Object.entries(large).map(([name, [sample, isCompared]]) => {
    const input = { ...graphs.asked(sample, { labels: false }), layerGap: LAYER_GAP, nodeGap: NODE_GAP };
    const rounds = Array.from({ length: 5 }, () => {
      const start = performance.now();
      layout(input);
      const ours = performance.now() - start;
      return { ours, dot: isCompared && hasDot ? byDot(input)?.ms : undefined };
    });
    const middle = (key) => median(rounds.map((round) => round[key]).sort((a, b) => a - b));
    return { name, ours: middle("ours"), dot: isCompared && hasDot ? middle("dot") : null };
  });
}

function compared(name, sample) {
  const input = { ...graphs.asked(sample, { labels: false }), layerGap: LAYER_GAP, nodeGap: NODE_GAP };
  const row = { ours: figures(input, layout) };
  if (hasDot) row.dot = figures(input, byDot);
  if (dagre && input.sizes.length <= DAGRE_CARDS) row.dagre = figures(input, byDagre);
  if (isLoud) {
    const text = Object.entries(row).map(([by, figure]) =>
      figure
        ? `${by} ${figure.crossings}/${figure.straight} × ${(figure.length / 1000).toFixed(1)} k ` +
          `${figure.width.toFixed(0)}×${figure.height.toFixed(0)} ${figure.ms.toFixed(0)} ms`
        : `${by} gave up`,
    );
    console.log(`  ${name} ${input.sizes.length}/${input.edges.length}: ${text.join("   ")}`);
  }
  return row;
}

function figures(input, draw) {
  const start = performance.now();
  const picture = draw(input);
  const ms = picture?.ms ?? performance.now() - start;
  if (!picture) return undefined;
  const { width, height, nodes } = picture;
  const lines = picture.routes.map(({ path }) => sampled(path));
  const middles = nodes.map(({ x, y }, id) => [
    x + input.sizes[id].width / 2,
    y + input.sizes[id].height / 2,
  ]);
  const ends = input.edges.map(({ from, to }) => [middles[from], middles[to]]);
  const whole = lines.map((line, e) => [ends[e][0], ...line, ends[e][1]]);
  const total = (all) => all.reduce((sum, line) => sum + lengthOf(line), 0);
  return {
    crossings: crossings(input, whole),
    straight: crossings(input, ends),
    length: total(lines),
    straightLength: total(ends),
    area: width * height,
    width,
    height,
    ms,
  };
}

function byDagre({ sizes, edges }) {
  const g = new dagre.graphlib.Graph({ multigraph: true });
  g.setGraph({ rankdir: "LR", ranksep: LAYER_GAP, nodesep: NODE_GAP });
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
  const nodes = sizes.map(({ width, height }, id) => {
    const { x, y } = g.node(String(id));
    return { x: x - width / 2, y: y - height / 2 };
  });
  return { ...g.graph(), nodes, routes };
}

function straight(a, b) {
  return [a.x, a.y, b.x, b.y, b.x, b.y];
}

function byDot({ sizes, edges }) {
  const inches = (pixels) => (pixels / 72).toFixed(4);
  const cards = sizes.map(
    ({ width, height }, id) => `${id} [width=${inches(width)} height=${inches(height)}]`,
  );
  const arrows = edges.map(({ from, to }, e) => `${from} -> ${to} [id=${e}]`);
  const source = `digraph { rankdir=LR; ranksep=${LAYER_GAP / 72}; nodesep=${NODE_GAP / 72}; edge [dir=none];
    node [shape=box fixedsize=true label=""]; ${[...cards, ...arrows].join("; ")} }`;
  const start = performance.now();
  const { stdout, status } = spawnSync("dot", ["-Tjson"], {
    input: source,
    timeout: PATIENCE,
    maxBuffer: 1e9,
  });
  const ms = performance.now() - start;
  if (status !== 0) return undefined;
  const drawn = JSON.parse(stdout);
  const routes = [];
  for (const { id, pos } of drawn.edges) routes[id] = { path: pos.split(/[ ,]/).map(Number) };
  const [, , width, height] = drawn.bb.split(",").map(Number);
  const nodes = [];
  for (const { name, pos } of drawn.objects) {
    const [x, y] = pos.split(",").map(Number);
    const size = sizes[Number(name)];
    nodes[Number(name)] = { x: x - size.width / 2, y: y - size.height / 2 };
  }
  return { width, height, nodes, routes, ms };
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

/**
 * Sweeps over the pieces by where they begin. Where pictures are symmetrical a line often bends just on another one: a
 * point on a line counts as on one side of it, or neither of the two pieces that meet there would cross. Lines that only
 * end on another don't cross it.
 */
function crossings({ edges }, lines) {
  const near = (a, b) => [a[0] + (b[0] - a[0]) * 1e-6, a[1] + (b[1] - a[1]) * 1e-6];
  const trimmed = (line) => [near(line[0], line[1]), ...line.slice(1, -1), near(line.at(-1), line.at(-2))];
  const pieces = lines
    .map(trimmed)
    .flatMap((line, e) =>
      line
        .slice(1)
        .map((to, i) => (line[i][0] <= to[0] ? { a: line[i], b: to, e } : { a: to, b: line[i], e })),
    );
  pieces.sort((one, two) => one.a[0] - two.a[0]);
  const side = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  const parts = (a, b, c, d) => side(a, b, c) < 0 !== side(a, b, d) < 0;
  let count = 0;
  const open = [];
  for (const piece of pieces) {
    const edge = edges[piece.e];
    const low = Math.min(piece.a[1], piece.b[1]);
    const high = Math.max(piece.a[1], piece.b[1]);
    let kept = 0;
    for (const other of open) {
      if (other.b[0] < piece.a[0]) continue;
      open[kept++] = other;
      const { a, b, e } = other;
      if (Math.max(a[1], b[1]) < low || Math.min(a[1], b[1]) > high) continue;
      const { from, to } = edges[e];
      if (from === edge.from || to === edge.to || from === edge.to || to === edge.from) continue;
      if (parts(a, b, piece.a, piece.b) && parts(piece.a, piece.b, a, b)) count++;
    }
    open.length = kept;
    open.push(piece);
  }
  return count;
}

function median(sorted) {
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

async function ours() {
  const { build } = require("esbuild");
  const folder = mkdtempSync(join(tmpdir(), "layout-"));
  const outfile = join(folder, "layout.mjs");
  const contents = `
    export { layout } from "./js/src/layout/index.ts";
    export * as graphs from "./benchmarks/layout/graphs.ts";`;
  await build({ stdin: { contents, resolveDir: root.pathname }, bundle: true, format: "esm", outfile });
  const module = await import(pathToFileURL(outfile));
  rmSync(folder, { recursive: true });
  return module;
}

/** A package that is installed in js/, or where this is run. */
async function optional(name) {
  for (const from of [new URL("js/x.js", root), pathToFileURL(join(process.cwd(), "x.js"))]) {
    try {
      const module = await import(pathToFileURL(createRequire(from).resolve(name)));
      return module.default ?? module;
    } catch {
      // It is not installed there: the next place may have it.
    }
  }
  return undefined;
}
