/** Graphs as people draw them, for the layout's tests and comparisons: no engine, only names, kinds and operands. */

import type { LayoutInput } from "../../js/src/layout/index.ts";

export type Kind = "input" | "parameter" | "operation";

export interface Sample {
  label: string[];
  kind: Kind[];
  inputs: number[][];
}

/** Writes a graph down in topological order. */
export class Sketch {
  readonly sample: Sample = { label: [], kind: [], inputs: [] };

  #node(kind: Kind, label: string, inputs: number[] = []): number {
    this.sample.kind.push(kind);
    this.sample.label.push(label);
    return this.sample.inputs.push(inputs) - 1;
  }

  input(label: string): number {
    return this.#node("input", label);
  }

  parameter(label: string): number {
    return this.#node("parameter", label);
  }

  op(label: string, ...inputs: number[]): number {
    return this.#node("operation", label, inputs);
  }

  /** w1*x1 + w2*x2 + … + b, the way a loop writes it. */
  affine(weights: number[], inputs: number[], bias?: number): number {
    let sum = -1;
    weights.forEach((weight, i) => {
      const product = this.op("×", weight, inputs[i]!);
      sum = sum < 0 ? product : this.op("+", sum, product);
    });
    return bias === undefined ? sum : this.op("+", sum, bias);
  }
}

/** h1 = w*x1; h2 = w*x2 + wh*h1; h3 = w*x3 + wh*h2; … (the seed has three steps). */
export function recurrence(count: number): Sample {
  const g = new Sketch();
  const w = g.parameter("w");
  let h = g.op("h1", w, g.input("x1"));
  if (count < 2) return g.sample;
  let wh = -1;
  for (let t = 2; t <= count; t++) {
    const product = g.op(`w·x${t}`, w, g.input(`x${t}`));
    if (wh < 0) wh = g.parameter("wh");
    h = g.op(`h${t}`, product, g.op(`wh·h${t - 1}`, wh, h));
  }
  return g.sample;
}

export const seed = (): Sample => recurrence(3);

export function neuron(): Sample {
  const g = new Sketch();
  const [x1, x2] = [g.input("x1"), g.input("x2")];
  const [w1, w2, b] = [g.parameter("w1"), g.parameter("w2"), g.parameter("b")];
  g.op("relu", g.op("+", g.op("+", g.op("w1·x1", w1, x1), g.op("w2·x2", w2, x2)), b));
  return g.sample;
}

/** Fully connected layers of tanh neurons and a squared error for each output. */
export function mlp(widths: number[]): Sample {
  const g = new Sketch();
  let values = Array.from({ length: widths[0]! }, (_, i) => g.input(`x${i + 1}`));
  widths.slice(1).forEach((width, layer) => {
    values = Array.from({ length: width }, (_, j) => {
      const weights = values.map((_, i) => g.parameter(`w${layer + 1}.${j + 1}${i + 1}`));
      return g.op("tanh", g.affine(weights, values, g.parameter(`b${layer + 1}.${j + 1}`)));
    });
  });
  let loss = -1;
  values.forEach((value, i) => {
    const error = g.op("−", value, g.input(`y${i + 1}`));
    const square = g.op("²", error, error);
    loss = loss < 0 ? square : g.op("+", loss, square);
  });
  return g.sample;
}

export function lstm(count: number): Sample {
  const g = new Sketch();
  const gates = ["i", "f", "o", "g"].map((name) => ({
    name,
    w: g.parameter(`w${name}`),
    u: g.parameter(`u${name}`),
    b: g.parameter(`b${name}`),
  }));
  let h = g.input("h0");
  let c = g.input("c0");
  for (let t = 1; t <= count; t++) {
    const x = g.input(`x${t}`);
    const [i, f, o, n] = gates.map(({ name, w, u, b }) =>
      g.op(name === "g" ? "tanh" : "σ", g.affine([w, u], [x, h], b)),
    ) as [number, number, number, number];
    c = g.op(`c${t}`, g.op("×", f, c), g.op("×", i, n));
    h = g.op(`h${t}`, o, g.op("tanh", c));
  }
  return g.sample;
}

/** One head over scalars: every token asks every token. */
export function attention(tokens: number): Sample {
  const g = new Sketch();
  const [wq, wk, wv] = [g.parameter("wq"), g.parameter("wk"), g.parameter("wv")];
  const xs = Array.from({ length: tokens }, (_, i) => g.input(`x${i + 1}`));
  const q = xs.map((x) => g.op("q", wq, x));
  const k = xs.map((x) => g.op("k", wk, x));
  const v = xs.map((x) => g.op("v", wv, x));
  for (let i = 0; i < tokens; i++) {
    const scores = k.map((key) => g.op("exp", g.op("×", q[i]!, key)));
    const total = scores.reduce((sum, score) => g.op("+", sum, score));
    const parts = scores.map((score, j) => g.op("×", g.op("/", score, total), v[j]!));
    parts.reduce((sum, part) => g.op("+", sum, part));
  }
  return g.sample;
}

/** y = x; y = y*a + y, again and again. */
export function diamonds(count: number): Sample {
  const g = new Sketch();
  let y = g.input("x");
  for (let i = 0; i < count; i++) y = g.op("+", g.op("tanh", y), g.op("sin", y));
  return g.sample;
}

/** x*x and x-x: two edges between the same two cards. */
export function twins(): Sample {
  const g = new Sketch();
  const x = g.input("x");
  const square = g.op("x·x", x, x);
  g.op("+", g.op("sin", square), g.op("−", square, square));
  return g.sample;
}

/** Expressions over some leaves, picked by a small congruential generator so that they never change. */
export function expression(leaves: number, operations: number, seedNumber: number): Sample {
  let state = seedNumber * 2_654_435_761 + 1;
  const below = (bound: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const g = new Sketch();
  const made = Array.from({ length: leaves }, (_, i) => (i % 2 ? g.parameter(`w${i}`) : g.input(`x${i}`)));
  const unused = made.slice();
  const take = () => {
    // Mostly what nobody has used yet, else something recent, else anything.
    if (unused.length > 1 && below(3) > 0) return unused.splice(below(unused.length), 1)[0]!;
    const recent = below(4) > 0 ? Math.min(made.length, 8) : made.length;
    return made[made.length - 1 - below(recent)]!;
  };
  for (let i = 0; i < operations; i++) {
    const unary = below(4) === 0;
    const node = unary ? g.op("tanh", take()) : g.op(below(2) ? "+" : "×", take(), take());
    made.push(node);
    unused.push(node);
  }
  while (unused.length > 1) unused.push(g.op("+", unused.shift()!, unused.shift()!));
  return g.sample;
}

/** A gated recurrent unit: two gates and a candidate for each step. */
export function gru(count: number): Sample {
  const g = new Sketch();
  const gates = ["z", "r", "n"].map((name) => [g.parameter(`w${name}`), g.parameter(`u${name}`)] as const);
  const one = g.parameter("1");
  let h = g.input("h0");
  for (let t = 1; t <= count; t++) {
    const x = g.input(`x${t}`);
    const gate = (i: number, state: number) => g.affine([...gates[i]!], [x, state]);
    const z = g.op("σ", gate(0, h));
    const r = g.op("σ", gate(1, h));
    const n = g.op("tanh", gate(2, g.op("×", r, h)));
    h = g.op(`h${t}`, g.op("×", g.op("−", one, z), n), g.op("×", z, h));
  }
  return g.sample;
}

/** One small network, used on every sample of a batch; the mean of their squared errors. */
export function batch(widths: number[], samples: number): Sample {
  const g = new Sketch();
  const layers = widths.slice(1).map((width, l) =>
    Array.from({ length: width }, () => ({
      weights: Array.from({ length: widths[l]! }, (_, i) => g.parameter(`w${l}.${i}`)),
      bias: g.parameter(`b${l}`),
    })),
  );
  let loss = -1;
  for (let s = 0; s < samples; s++) {
    let values = Array.from({ length: widths[0]! }, (_, i) => g.input(`x${s}.${i}`));
    for (const layer of layers)
      values = layer.map(({ weights, bias }) => g.op("tanh", g.affine(weights, values, bias)));
    for (const value of values) {
      const square = g.op("²", g.op("−", value, g.input(`y${s}`)));
      loss = loss < 0 ? square : g.op("+", loss, square);
    }
  }
  return g.sample;
}

/** A kernel slid along a signal, twice, and the sum of what comes out. */
export function convolution(signal: number, kernel: number): Sample {
  const g = new Sketch();
  let values = Array.from({ length: signal }, (_, i) => g.input(`x${i}`));
  for (let layer = 0; layer < 2; layer++) {
    const weights = Array.from({ length: kernel }, (_, i) => g.parameter(`k${layer}.${i}`));
    values = values
      .slice(kernel - 1)
      .map((_, at) => g.op("relu", g.affine(weights, values.slice(at, at + kernel))));
  }
  values.reduce((sum, value) => g.op("+", sum, value));
  return g.sample;
}

/** A polynomial by powers, fitted to points: every power is used twice, every coefficient at every point. */
export function polynomial(degree: number, points: number): Sample {
  const g = new Sketch();
  const coefficients = Array.from({ length: degree + 1 }, (_, i) => g.parameter(`a${i}`));
  let loss = -1;
  for (let p = 0; p < points; p++) {
    const x = g.input(`x${p}`);
    let power = x;
    let sum = coefficients[0]!;
    for (let i = 1; i <= degree; i++) {
      sum = g.op("+", sum, g.op("×", coefficients[i]!, power));
      if (i < degree) power = g.op("×", power, x);
    }
    const square = g.op("²", g.op("−", sum, g.input(`y${p}`)));
    loss = loss < 0 ? square : g.op("+", loss, square);
  }
  return g.sample;
}

/** Softmax regression: a row of weights for each class, and the loss −log p of the right one. */
export function softmax(features: number, classes: number): Sample {
  const g = new Sketch();
  const xs = Array.from({ length: features }, (_, i) => g.input(`x${i}`));
  const scores = Array.from({ length: classes }, (_, c) =>
    g.op(
      "exp",
      g.affine(
        xs.map((_, i) => g.parameter(`w${c}.${i}`)),
        xs,
        g.parameter(`b${c}`),
      ),
    ),
  );
  const total = scores.reduce((sum, score) => g.op("+", sum, score));
  const surprises = scores.map((score) => g.op("−log", g.op("/", score, total)));
  surprises.reduce((sum, one) => g.op("+", sum, one));
  return g.sample;
}

/** Two species by Euler's method: x grows by a·x - b·x·y, y by d·x·y - c·y. */
export function predators(count: number): Sample {
  const g = new Sketch();
  const [a, b, c, d, dt] = ["a", "b", "c", "d", "dt"].map((name) => g.parameter(name)) as number[];
  let [x, y] = [g.input("x"), g.input("y")];
  for (let t = 0; t < count; t++) {
    const dx = g.op("×", x, g.op("−", a!, g.op("×", b!, y)));
    const dy = g.op("×", y, g.op("−", g.op("×", d!, x), c!));
    [x, y] = [g.op("+", x, g.op("×", dt!, dx)), g.op("+", y, g.op("×", dt!, dy))];
  }
  g.op("+", x, y);
  return g.sample;
}

/** A damped spring, x″ = −k·x − c·x′, in steps of the classical Runge-Kutta method; the energy at the end. */
export function rungeKutta(count: number): Sample {
  const g = new Sketch();
  const [k, c, dt] = ["k", "c", "dt"].map((name) => g.parameter(name)) as [number, number, number];
  let [x, v] = [g.input("x"), g.input("v")];
  const slope = (at: number, of: number) =>
    [of, g.op("−", g.op("neg", g.op("×", k, at)), g.op("×", c, of))] as const;
  const ahead = (from: number, step: number, by: number) => g.op("+", from, g.op("×", step, by));
  for (let t = 0; t < count; t++) {
    const half = g.op("/2", dt);
    const first = slope(x, v);
    const second = slope(ahead(x, half, first[0]), ahead(v, half, first[1]));
    const third = slope(ahead(x, half, second[0]), ahead(v, half, second[1]));
    const fourth = slope(ahead(x, dt, third[0]), ahead(v, dt, third[1]));
    const sixth = g.op("/6", dt);
    const mean = (i: 0 | 1) =>
      g.op("+", g.op("+", first[i], g.op("·2", g.op("+", second[i], third[i]))), fourth[i]);
    [x, v] = [ahead(x, sixth, mean(0)), ahead(v, sixth, mean(1))];
  }
  g.op("+", g.op("×", k, g.op("²", x)), g.op("²", v));
  return g.sample;
}

/** Layer normalisation: less the mean, by the deviation, scaled and shifted; the sum of squares. */
export function normalisation(count: number): Sample {
  const g = new Sketch();
  const sum = (values: number[]) => values.reduce((all, one) => g.op("+", all, one));
  const xs = Array.from({ length: count }, (_, i) => g.input(`x${i}`));
  const mean = g.op("/n", sum(xs));
  const apart = xs.map((x) => g.op("−", x, mean));
  const deviation = g.op("√", g.op("/n", sum(apart.map((one) => g.op("²", one)))));
  const scaled = apart.map((one, i) =>
    g.op("+", g.op("×", g.parameter(`γ${i}`), g.op("/", one, deviation)), g.parameter(`β${i}`)),
  );
  sum(scaled.map((one) => g.op("²", one)));
  return g.sample;
}

/** The trace of a product of two square matrices, and then of its square. */
export function matrices(size: number): Sample {
  const g = new Sketch();
  const square = (name: string) =>
    Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (_, j) => g.parameter(`${name}${i}${j}`)),
    );
  const times = (a: number[][], b: number[][]) =>
    a.map((row) =>
      row.map((_, j) =>
        row.map((one, k) => g.op("×", one, b[k]![j]!)).reduce((all, one) => g.op("+", all, one)),
      ),
    );
  const once = times(square("a"), square("b"));
  const twice = times(once, once);
  twice.map((row, i) => row[i]!).reduce((all, one) => g.op("+", all, one));
  return g.sample;
}

/** A recursive filter of second order, and how far what comes out is from what should. */
export function filter(count: number): Sample {
  const g = new Sketch();
  const [b0, b1, a1, a2] = ["b0", "b1", "a1", "a2"].map((name) => g.parameter(name)) as [
    number,
    number,
    number,
    number,
  ];
  const xs = Array.from({ length: count + 1 }, (_, i) => g.input(`x${i}`));
  const ys = [g.input("y0"), g.input("y1")];
  let loss = -1;
  for (let t = 1; t <= count; t++) {
    const ahead = g.op("+", g.op("×", b0, xs[t]!), g.op("×", b1, xs[t - 1]!));
    const back = g.op("+", g.op("×", a1, ys.at(-1)!), g.op("×", a2, ys.at(-2)!));
    ys.push(g.op("−", ahead, back));
    const error = g.op("²", g.op("−", ys.at(-1)!, g.input(`z${t}`)));
    loss = loss < 0 ? error : g.op("+", loss, error);
  }
  return g.sample;
}

/** Steps of gradient descent on a quadratic in two variables, written out. */
export function descent(count: number): Sample {
  const g = new Sketch();
  const [a, b, c, rate] = [g.parameter("a"), g.parameter("b"), g.parameter("c"), g.parameter("rate")];
  let [x, y] = [g.input("x"), g.input("y")];
  for (let t = 0; t < count; t++) {
    const gx = g.op("+", g.op("×", a, x), g.op("×", b, y));
    const gy = g.op("+", g.op("×", b, x), g.op("×", c, y));
    [x, y] = [g.op("−", x, g.op("×", rate, gx)), g.op("−", y, g.op("×", rate, gy))];
  }
  g.op("+", g.op("×", x, x), g.op("×", y, y));
  return g.sample;
}

/** A determinant, expanded by the first row again and again; minors are shared. */
export function determinant(size: number): Sample {
  const g = new Sketch();
  const entries = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => g.parameter(`m${i}${j}`)),
  );
  const known = new Map<string, number>();
  const minor = (row: number, columns: number[]): number => {
    if (columns.length === 1) return entries[row]![columns[0]!]!;
    const key = columns.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const terms = columns.map((column) =>
      g.op(
        "×",
        entries[row]![column]!,
        minor(
          row + 1,
          columns.filter((other) => other !== column),
        ),
      ),
    );
    const value = terms.reduce((sum, term) => g.op("−", sum, term));
    known.set(key, value);
    return value;
  };
  minor(
    0,
    Array.from({ length: size }, (_, i) => i),
  );
  return g.sample;
}

/** Values flow to the right, with the usual gaps, as wide as that takes. */
export const USUAL = { direction: "LR", layerGap: 46, nodeGap: 16, maxWidth: Infinity } as const;

/** The page's input to the layout. Narrow: circles for operations without a name, no labels. */
export function asked(sample: Sample, { labels = true, narrow = false } = {}): LayoutInput {
  const named = /^[a-z]+\d+$/;
  const edges = sample.inputs.flatMap((inputs, to) =>
    inputs.map((from) => (labels ? { from, to, label: { width: 42, height: 18 } } : { from, to })),
  );
  const sizes = sample.kind.map((kind, id) => {
    if (kind === "input") return { width: 128, height: 86 };
    if (kind === "parameter") return { width: 128, height: 104 };
    return narrow && !named.test(sample.label[id]!) ? { width: 40, height: 40 } : { width: 116, height: 48 };
  });
  return { ...USUAL, sizes, edges };
}
