import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as graphs from "../../../benchmarks/layout/graphs.ts";
import {
  type Direction,
  finished,
  type Layout,
  type LayoutInput,
  type Point,
  steps,
} from "../../src/layout/index.ts";
import { isotonic } from "../../src/layout/isotonic.ts";

const { asked } = graphs;
/** Input with the usual gaps where others are not given. */
type Input = Pick<LayoutInput, "sizes" | "edges"> & Partial<LayoutInput>;

const layout = (input: Input): Layout => finished(steps({ ...graphs.USUAL, ...input }));

const MOST_PILLS = 150; // with more, the page shows no numbers on edges (src/view/plan.ts)

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const NAMED: Record<string, graphs.Sample> = {
  seed: graphs.seed(),
  neuron: graphs.neuron(),
  "4 steps": graphs.recurrence(4),
  "30 steps": graphs.recurrence(30),
  "MLP 2-4-4-1": graphs.mlp([2, 4, 4, 1]),
  twins: graphs.twins(),
  diamonds: graphs.diamonds(6),
  "LSTM cell": graphs.lstm(1),
  "two LSTM cells": graphs.lstm(2),
  attention: graphs.attention(3),
  "small expression": graphs.expression(5, 12, 1),
  "large expression": graphs.expression(40, 200, 2),
};

describe.each(Object.entries(NAMED))("%s", (_, sample) => {
  test.each<Direction>(["LR", "TB", "BT"])("%s", (direction) => holds({ ...asked(sample), direction }));
  test("without labels, narrow", () =>
    holds({ ...asked(sample, { labels: false, narrow: true }), layerGap: 26 }));
  test("in a notebook cell", () => holds({ ...asked(sample), maxWidth: 930 }));
});

test("random expressions", () => {
  const sample = fc
    .tuple(
      fc.integer({ min: 2, max: 60 }),
      fc.integer({ min: 1, max: 240 }),
      fc.integer({ min: 0, max: 1e6 }),
    )
    .map(([leaves, operations, seed]) => graphs.expression(leaves, operations, seed));
  fc.assert(
    fc.property(sample, fc.boolean(), (graph, labels) => holds(asked(graph, { labels }))),
    { numRuns: 30, endOnFailure: true },
  );
}, 60_000);

test("random graphs of random cards, with any number of operands", () => {
  fc.assert(
    fc.property(randomInput, (input) => holds(input)),
    { numRuns: 100, endOnFailure: true },
  );
}, 60_000);

test("no cards, one card, cards without edges", () => {
  expect(layout({ sizes: [], edges: [] })).toMatchObject({ width: 0, height: 0, nodes: [], routes: [] });
  expect(layout({ sizes: [{ width: 10, height: 20 }], edges: [] })).toMatchObject({ width: 10, height: 20 });
  holds({ sizes: Array.from({ length: 5 }, () => ({ width: 100, height: 40 })), edges: [] });
});

test("the same question has the same answer, and slices change nothing", () => {
  const input = asked(NAMED["30 steps"]!);
  const once = layout(input);
  expect(layout(input)).toEqual(once);
  const phases = steps({ ...graphs.USUAL, ...input });
  let slices = 0;
  let step = phases.next();
  for (; !step.done; step = phases.next()) slices++;
  expect(step.value).toEqual(once);
  expect(slices).toBeGreaterThan(5);
});

describe("links that lead backwards", () => {
  test("are drawn all the same, from the one card to the other", () => {
    const sizes = Array.from({ length: 4 }, () => ({ width: 100, height: 50 }));
    const label = { width: 43, height: 18 };
    const ways: [number, number][] = [
      [0, 1],
      [1, 2],
      [2, 1],
      [2, 3],
      [3, 0],
    ];
    const input = { sizes, edges: ways.map(([from, to]) => ({ from, to, label })) };
    const result = layout(input);
    const cards = result.nodes.map((corner, id) => boxAt(corner, sizes[id]!));
    cardsKeepApart(cards);
    edgesKeepClearOfCards(input, result, cards);
    labelsHaveRoom(input, result, cards);
    result.routes.forEach(({ path }, e) => {
      const [a, b] = ways[e]!.map((id) => cards[id]!) as [Box, Box];
      const isBack = ways[e]![0] > ways[e]![1];
      expect(path[0]).toBeCloseTo(isBack ? a.left : a.right);
      expect(path.at(-2)).toBeCloseTo(isBack ? b.right : b.left);
    });
  });
});

describe("what stays, stays", () => {
  test.each([
    ["a neuron of a network", graphs.mlp([3, 6, 6, 2]), 60, 79],
    ["a step of a recurrence", graphs.recurrence(20), 39, 42],
    ["a step of an LSTM", graphs.lstm(5), 40, 66],
  ])("when %s is folded, and unfolded again", (_, sample, first, last) => {
    const open = asked(sample, { labels: false });
    const folded = foldedFrom(open, first, last);
    const item = (id: number) => (id < first ? id : id > last ? id - (last - first) : undefined);
    const opened = layout(open);
    const middle = (result: Layout, input: Input, id: number) =>
      result.nodes[id]!.y + input.sizes[id]!.height / 2;
    const original = open.sizes.map((_, id) => id).filter((id) => item(id) !== undefined);
    const survivors = new Map(original.map((id) => [item(id)!, id]));
    const closed = layout({
      ...folded,
      before: (id) => (survivors.has(id) ? middle(opened, open, survivors.get(id)!) : undefined),
    });
    expect(swapped(open, opened, folded, closed, survivors)).toBe(0);
    const again = layout({
      ...open,
      before: (id) => (item(id) === undefined ? undefined : middle(closed, folded, item(id)!)),
    });
    const back = new Map([...survivors].map(([to, from]) => [from, to]));
    expect(swapped(folded, closed, open, again, back)).toBe(0);
  });
});

describe("the seed", () => {
  test("takes one layer per step; leaves stand before their first use", () => {
    //                                             w x1 h1 x2 wx2 wh whh1 h2 x3 wx3 whh2 h3
    const input = asked(NAMED.seed!);
    expect(layersOf(NAMED.seed!, input, layout(input))).toEqual(
      Object.entries({
        w: 0,
        x1: 0,
        h1: 1,
        x2: 1,
        wh: 1,
        w·x2: 2,
        wh·h1: 2,
        h2: 3,
        x3: 3,
        w·x3: 4,
        wh·h2: 4,
        h3: 5,
      }).sort(),
    );
  });

  test("fits a narrow notebook", () => {
    const narrow = asked(NAMED.seed!, { labels: false, narrow: true });
    expect(layout({ ...narrow, layerGap: 24, maxWidth: 676 }).width).toBeLessThanOrEqual(676);
  });

  test("crosses nothing", () => {
    expect(crossings(layout(asked(NAMED.seed!)))).toBe(0);
  });

  test("has the lines into w and wh side by side, in the order in which they leave", () => {
    const { edges } = asked(NAMED.seed!);
    const { routes } = layout(asked(NAMED.seed!));
    for (const leaf of ["w", "wh"].map((name) => NAMED.seed!.label.indexOf(name))) {
      const starts = edges.flatMap(({ from }, e) => (from === leaf ? [routes[e]!.path[1]!] : []));
      expect(new Set(starts).size).toBe(starts.length);
    }
  });
});

describe("where lines leave and enter their cards", () => {
  test("a line is straight where the sides of its cards face each other, though their middles do not", () => {
    const card = { width: 100, height: 60 };
    const sizes = [card, { width: 100, height: 30 }, card, card];
    const edges = [0, 1].map((from) => ({ from, to: 2 }));
    const { nodes, routes } = layout({ sizes, edges: [...edges, { from: 2, to: 3 }] });
    const middle = (id: number) => nodes[id]!.y + sizes[id]!.height / 2;
    expect(Math.max(...[0, 1].map((id) => Math.abs(middle(id) - middle(2))))).toBeGreaterThan(20);
    for (const { path } of routes) {
      const heights = path.filter((_, i) => i % 2 === 1);
      expect(Math.max(...heights) - Math.min(...heights)).toBeLessThan(0.01);
    }
  });

  test("a line to what is lower leaves low, and the lowest of the operands enters lowest", () => {
    const { nodes, routes } = layout(asked(NAMED.seed!));
    const { edges, sizes } = asked(NAMED.seed!);
    const middle = (id: number) => nodes[id]!.y + sizes[id]!.height / 2;
    edges.forEach(({ from, to }, e) => {
      const fall = middle(to) - middle(from);
      const leaves = routes[e]!.path[1]! - middle(from);
      if (Math.abs(fall) > sizes[from]!.height) expect(Math.sign(leaves)).toBe(Math.sign(fall));
    });
    for (const [one, e] of edges.entries())
      for (const [other, f] of edges.entries())
        if (e.to === f.to && middle(e.from) < middle(f.from))
          expect(routes[one]!.path.at(-1)!).toBeLessThan(routes[other]!.path.at(-1)!);
  });

  test("at round corners, and on a circle, it begins on the rim", () => {
    const sizes = [
      { width: 40, height: 40, radius: 20 },
      ...[1, 2, 3].map(() => ({ width: 100, height: 50 })),
    ];
    const { nodes, routes } = layout({ sizes, edges: [1, 2, 3].map((to) => ({ from: 0, to })) });
    for (const { path } of routes) {
      const [x, y] = [path[0]! - nodes[0]!.x - 20, path[1]! - nodes[0]!.y - 20];
      expect(Math.hypot(x, y)).toBeCloseTo(20);
    }
  });
});

test("numbers stand on no line of others, unless they may, which takes less width", () => {
  const edges = [0, 1, 2].flatMap((from) => [3, 4, 5].map((to) => ({ from, to, label: LABEL })));
  const sizes = Array.from({ length: 6 }, () => ({ width: 168, height: 112 }));
  const input = { sizes, edges, nodeGap: 40, layerGap: 60 };
  const [apart, over] = [layout(input), layout({ ...input, mayCover: true })];
  expect(onOthersLines(input, apart)).toEqual([]);
  expect(onOthersLines(input, over)).not.toEqual([]);
  expect(over.width).toBeLessThan(apart.width);
});

test("a line that passes over a card keeps clear of its title, if it may have one", () => {
  const sizes = Array.from({ length: 4 }, () => ({ width: 120, height: 60 }));
  const ways: [number, number][] = [
    [0, 1],
    [0, 2],
    [1, 3],
    [0, 3],
    [2, 3],
  ];
  const edges = ways.map(([from, to]) => ({ from, to }));
  const over = (input: Input): number => {
    const { nodes, routes } = layout(input);
    const lower = nodes[nodes[1]!.y > nodes[2]!.y ? 1 : 2]!;
    const passing = sampled(routes[3]!.path).filter(({ x }) => x > lower.x && x < lower.x + 120);
    return lower.y - Math.max(...passing.map(({ y }) => y));
  };
  expect(over({ sizes, edges })).toBeLessThan(17);
  expect(over({ sizes, edges, top: 24 })).toBeGreaterThan(21);
});

test("gaps shrink where that makes a drawing fit, and not for nothing", () => {
  const [short, long] = [asked(graphs.seed()), asked(graphs.recurrence(20))];
  const wanted = layout(short).width;
  expect(layout({ ...short, maxWidth: wanted - 20 }).width).toBeLessThanOrEqual(wanted - 20);
  expect(layout({ ...long, maxWidth: 900 }).width).toBe(layout(long).width);
});

test("sources that are too many for the width stand in several layers, in their written order", () => {
  const sizes = Array.from({ length: 10 }, () => ({ width: 120, height: 40 }));
  const edges = Array.from({ length: 9 }, (_, from) => ({ from, to: 9 }));
  const rows = (maxWidth: number) =>
    layout({ sizes, edges, direction: "TB", maxWidth, nodeGap: 10 }).order.map((row) =>
      [...row].filter((item) => item < 10).sort((a, b) => a - b),
    );
  expect(rows(1300)).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8], [9]]);
  expect(rows(600)).toEqual([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]);
  expect(layout({ sizes, edges, direction: "TB", maxWidth: 600, nodeGap: 10 }).width).toBeLessThan(700);
});

test("a number stands beside the chain that its line leaves, and not on it", () => {
  const input = asked(graphs.recurrence(10));
  const { nodes, routes } = layout(input);
  const w = input.edges.flatMap(({ from, to }, e) => (from === 0 && nodes[to]!.x > 600 ? [routes[e]!] : []));
  expect(w.length).toBeGreaterThan(4);
  for (const { path, label } of w) {
    const chain = path.at(-7)!;
    if (Math.abs(path.at(-1)! - chain) > 12) expect(Math.abs(label!.y - chain)).toBeGreaterThanOrEqual(12);
  }
});

describe("numbers in ascending order that are nearest to wished ones", () => {
  test("are the largest of the least means of what they stand in (Barlow and others 1972, 1.4)", () => {
    const wishes = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(wishes, (pairs) => {
        const mean = (from: number, to: number) => {
          const some = pairs.slice(from, to + 1);
          const weight = some.reduce((sum, [, w]) => sum + w, 0);
          return some.reduce((sum, [wish, w]) => sum + wish * w, 0) / weight;
        };
        const all = pairs.map((_, i) => i);
        const wanted = all.map((i) =>
          Math.max(...all.slice(0, i + 1).map((j) => Math.min(...all.slice(i).map((k) => mean(j, k))))),
        );
        const sums = Float64Array.from(pairs, ([wish, weight]) => wish * weight);
        isotonic(
          sums,
          Float64Array.from(pairs, ([, weight]) => weight),
        );
        sums.forEach((place, i) => {
          expect(place).toBeCloseTo(wanted[i]!, 9);
        });
      }),
      { seed: 6 },
    );
  });
});

describe("what may stand either way stands as it is written", () => {
  /** Cards from top to bottom, of those named. */
  const down = (sample: graphs.Sample, names: string[]): string[] => {
    const { nodes } = layout(asked(sample));
    const y = (name: string) => nodes[sample.label.indexOf(name)]!.y;
    return names.slice().sort((a, b) => y(a) - y(b));
  };

  test.each([
    ["an operand above the next", graphs.neuron(), ["w1", "x1", "w2", "x2"]],
    ["a sum above its bias", graphs.neuron(), ["+", "b"]],
    ["w·x above wh·h", graphs.seed(), ["w·x3", "wh·h2"]],
  ])("%s", (_, sample, names) => {
    expect(down(sample, names)).toEqual(names);
  });

  test("neurons in turn", () => {
    const g = new graphs.Sketch();
    const x = ["x1", "x2", "x3"].map((name) => g.input(name));
    const h = ["n0", "n1", "n2"].map((name) => g.op(name, ...x));
    g.op("y", ...h);
    expect(down(g.sample, ["x1", "x2", "x3"])).toEqual(["x1", "x2", "x3"]);
    expect(down(g.sample, ["n0", "n1", "n2"])).toEqual(["n0", "n1", "n2"]);
  });
});

test("long recurrences are straight", () => {
  const input = asked(graphs.recurrence(100), { labels: false });
  const { height } = layout(input);
  expect(height).toBeLessThan(700);
});

const LABEL = { width: 42, height: 18 };

/** Everything that a layout promises. */
function holds(input: Input): void {
  const result = layout(input);
  const cards = result.nodes.map((corner, id) => boxAt(corner, input.sizes[id]!));
  cardsKeepApart(cards);
  edgesGoForward(input, result, cards);
  edgesKeepClearOfCards(input, result, cards);
  entriesAreDistinct(input, result);
  labelsHaveRoom(input, result, cards);
  if (input.edges.length <= MOST_PILLS) expect(onOthersLines(input, result)).toEqual([]);
  const lines = result.routes.map(({ path }) => around(sampled(path).map((point) => boxAt(point))));
  if (cards.length > 0) staysWithin(around([...cards, ...lines]), result);
}

function cardsKeepApart(cards: Box[]): void {
  cards.forEach((a, i) => {
    const near = cards.findIndex((b, j) => j > i && distance(a, b) < 8 - 1e-6);
    if (near >= 0) throw new Error(`cards ${i} and ${near} are too near each other`);
  });
}

/** A line begins on its card's rim, or on the rim of the sheets under it; round corners recede. */
function edgesGoForward({ edges, sizes, direction = "LR" }: Input, { routes }: Layout, cards: Box[]): void {
  const least = (card: number) =>
    Math.min(sizes[card]!.radius ?? 0, sizes[card]!.width / 2, sizes[card]!.height / 2);
  edges.forEach(({ from, to }, e) => {
    const { path } = routes[e]!;
    const [a, b] = [cards[from]!, cards[to]!];
    const [x0, y0, x1, y1] = [path[0]!, path[1]!, path.at(-2)!, path.at(-1)!];
    if (direction === "LR") {
      expect(a.right).toBeLessThan(b.left);
      expect(x0).toBeGreaterThan(a.right - least(from) / 5 - 0.01);
      expect(x0).toBeLessThan(a.right + 6.01);
      expect(x1).toBeGreaterThan(b.left - 0.01);
      expect(x1).toBeLessThan(b.left + least(to) / 2 + 0.01);
      expect(y0).toBeGreaterThanOrEqual(a.top + 4.9);
      expect(y0).toBeLessThanOrEqual(a.bottom - 4.9);
      expect(y1).toBeGreaterThanOrEqual(b.top);
      expect(y1).toBeLessThanOrEqual(b.bottom);
    } else {
      const [up, y] = direction === "TB" ? [1, a.bottom] : [-1, a.top];
      expect(up * (y0 - y)).toBeGreaterThan(-least(from) / 5 - 0.01);
      expect(up * (y0 - y)).toBeLessThan(6.01);
      const into = up * (y1 - (direction === "TB" ? b.top : b.bottom));
      expect(into).toBeGreaterThan(-0.01);
      expect(into).toBeLessThan(least(to) / 2 + 0.01);
      expect(x0).toBeGreaterThanOrEqual(a.left + 4.9);
      expect(x0).toBeLessThanOrEqual(a.right - 4.9);
      expect(x1).toBeGreaterThanOrEqual(b.left);
      expect(x1).toBeLessThanOrEqual(b.right);
    }
  });
}

function edgesKeepClearOfCards({ edges }: Input, { routes }: Layout, cards: Box[]): void {
  routes.forEach(({ path }, e) => {
    const { from, to } = edges[e]!;
    const points = sampled(path).map((point) => boxAt(point));
    const whole = around(points);
    cards.forEach((card, id) => {
      if (id === from || id === to || distance(whole, card) >= 3) return;
      if (points.some((point) => distance(card, point) < 3)) {
        throw new Error(`edge ${from} to ${to} runs into card ${id}`);
      }
    });
  });
}

function entriesAreDistinct({ edges }: Input, { routes }: Layout): void {
  const entries = new Map<number, number[]>();
  edges.forEach(({ to }, e) => {
    const { path } = routes[e]!;
    entries.set(to, [...(entries.get(to) ?? []), path.at(-2)! + path.at(-1)! * 1e6]);
  });
  for (const places of entries.values()) expect(new Set(places).size).toBe(places.length);
}

function labelsHaveRoom({ edges }: Input, result: Layout, cards: Box[]): void {
  const labels: Box[] = [];
  edges.forEach(({ label: size }, e) => {
    const { label, path } = result.routes[e]!;
    if (!size) {
      expect(label).toBeUndefined();
      return;
    }
    expect(label, `the label of edge ${e}`).toBeDefined();
    expect(distanceToPath(label!, path), "from its curve").toBeLessThan(0.5);
    const box = boxAt({ x: label!.x - size.width / 2, y: label!.y - size.height / 2 }, size);
    if (cards.some((card) => distance(box, card) < 1))
      throw new Error(`the label of edge ${e} lies on a card`);
    if (labels.some((other) => distance(box, other) < 1))
      throw new Error(`the label of edge ${e} lies on another`);
    staysWithin(box, result);
    labels.push(box);
  });
}

/** Edges whose number lies on the line of another, apart from that of the same consumer, before which they may be crowded. */
function onOthersLines({ edges }: Input, { routes }: Layout): number[] {
  const lines = routes.map(({ path }) => sampled(path, 300));
  return edges.flatMap(({ to, label: size }, e) => {
    const { label } = routes[e]!;
    const isOn = ({ x, y }: Point) =>
      Math.abs(x - label!.x) < size!.width / 2 - 1 && Math.abs(y - label!.y) < size!.height / 2 - 1;
    return label && lines.some((line, other) => edges[other]!.to !== to && line.some(isOn)) ? [e] : [];
  });
}

const randomInput: fc.Arbitrary<Input> = fc.integer({ min: 3, max: 70 }).chain((count) =>
  fc.record({
    sizes: fc.array(
      fc.record({
        width: fc.integer({ min: 36, max: 180 }),
        height: fc.integer({ min: 36, max: 120 }),
        radius: fc.constantFrom(0, 0, 7, 16, 60),
        sheets: fc.constantFrom(0, 0, 0, 6),
      }),
      { minLength: count, maxLength: count },
    ),
    edges: fc
      .array(fc.array(fc.nat(1e6), { maxLength: 3 }), { minLength: count, maxLength: count })
      .map((operands) =>
        operands.flatMap((picks, to) =>
          to === 0 ? [] : picks.map((pick) => ({ from: pick % to, to, label: { width: 42, height: 18 } })),
        ),
      ),
    direction: fc.constantFrom<Direction>("LR", "TB", "BT"),
    layerGap: fc.integer({ min: 20, max: 80 }),
    nodeGap: fc.integer({ min: 8, max: 40 }),
  }),
);

/** By label the layer that each card stands in: how many different middles there are before its own. */
function layersOf({ label }: graphs.Sample, { sizes }: Input, { nodes }: Layout): [string, number][] {
  const middles = nodes.map(({ x }, id) => Math.round(x + sizes[id]!.width / 2));
  const layers = [...new Set(middles)].sort((a, b) => a - b);
  return middles.map((middle, id): [string, number] => [label[id]!, layers.indexOf(middle)]).sort();
}

/** The same with the cards from `first` to `last` as one. */
function foldedFrom({ sizes, edges }: Input, first: number, last: number): Input {
  const item = (id: number) => (id < first ? id : id > last ? id - (last - first) : first);
  const links = new Map<string, { from: number; to: number }>();
  for (const { from, to } of edges) {
    const link = { from: item(from), to: item(to) };
    if (link.from !== link.to) links.set(`${link.from} ${link.to}`, link);
  }
  const left = sizes.filter((_, id) => id <= first || id > last);
  return { sizes: left, edges: [...links.values()] };
}

/** Number of pairs of cards that stand in one layer both before and after, and have changed their order. */
function swapped(
  one: Input,
  before: Layout,
  two: Input,
  after: Layout,
  survivors: Map<number, number>,
): number {
  const x = ({ sizes }: Input, { nodes }: Layout, id: number) => nodes[id]!.x + sizes[id]!.width / 2;
  const y = ({ sizes }: Input, { nodes }: Layout, id: number) => nodes[id]!.y + sizes[id]!.height / 2;
  let count = 0;
  let pairs = 0;
  for (const [a, oldA] of survivors) {
    for (const [b, oldB] of survivors) {
      if (a >= b || Math.abs(x(two, after, a) - x(two, after, b)) > 1) continue;
      if (Math.abs(x(one, before, oldA) - x(one, before, oldB)) > 1) continue;
      pairs++;
      const was = y(one, before, oldA) - y(one, before, oldB);
      if (was * (y(two, after, a) - y(two, after, b)) < 0) count++;
    }
  }
  expect(pairs).toBeGreaterThan(5);
  return count;
}

function boxAt({ x, y }: Point, { width, height } = { width: 0, height: 0 }): Box {
  return { left: x, top: y, right: x + width, bottom: y + height };
}

/** Distance of two boxes; negative when they overlap. */
function distance(a: Box, b: Box): number {
  const across = Math.max(a.left - b.right, b.left - a.right);
  const down = Math.max(a.top - b.bottom, b.top - a.bottom);
  return across > 0 && down > 0 ? Math.hypot(across, down) : Math.max(across, down);
}

function around(boxes: Box[]): Box {
  return boxes.reduce((a, b) => ({
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  }));
}

function staysWithin(box: Box, { width, height }: Layout): void {
  expect(Math.min(box.left, box.top, width - box.right, height - box.bottom)).toBeGreaterThanOrEqual(-1e-6);
}

function distanceToPath({ x, y }: Point, path: number[]): number {
  const points = sampled(path, 120);
  return Math.min(
    ...points.slice(1).map((b, i) => {
      const a = points[i]!;
      const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
      const share = length === 0 ? 0 : ((x - a.x) * (b.x - a.x) + (y - a.y) * (b.y - a.y)) / length;
      const t = Math.min(1, Math.max(0, share));
      return Math.hypot(a.x + t * (b.x - a.x) - x, a.y + t * (b.y - a.y) - y);
    }),
  );
}

function sampled(path: number[], each = 24): Point[] {
  const points: Point[] = [{ x: path[0]!, y: path[1]! }];
  for (let i = 2; i < path.length; i += 6) {
    const at = (t: number, o: number) =>
      (1 - t) ** 3 * path[i - 2 + o]! +
      3 * (1 - t) ** 2 * t * path[i + o]! +
      3 * (1 - t) * t * t * path[i + 2 + o]! +
      t ** 3 * path[i + 4 + o]!;
    for (let j = 1; j <= each; j++) points.push({ x: at(j / each, 0), y: at(j / each, 1) });
  }
  return points;
}

/** Crossings between drawn edges, those that share an end not counted. */
function crossings({ routes }: Layout): number {
  const lines = routes.map(({ path }) => sampled(path));
  const side = (a: Point, b: Point, c: Point) => (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  let count = 0;
  lines.forEach((one, i) => {
    for (const two of lines.slice(i + 1)) {
      if (one[0]!.x === two[0]!.x && one[0]!.y === two[0]!.y) continue;
      for (let k = 1; k < one.length; k++) {
        for (let l = 1; l < two.length; l++) {
          const [a, b, c, d] = [one[k - 1]!, one[k]!, two[l - 1]!, two[l]!];
          if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) count++;
        }
      }
    }
  });
  return count;
}
