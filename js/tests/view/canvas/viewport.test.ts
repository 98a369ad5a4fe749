import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitting, inset, MARGIN } from "../../../src/view/canvas/camera.ts";
import { clipped, tilesAround } from "../../../src/view/canvas/clip.ts";
import { Field } from "../../../src/view/canvas/field.ts";
import { headOf, lineWidth, shade } from "../../../src/view/canvas/paint.ts";

const size = fc.integer({ min: 10, max: 100_000 });

describe("the camera", () => {
  test("fits a drawing into its room, and makes none larger than it is", () => {
    const check = (width: number, height: number, wide: number, high: number) => {
      const scale = fitting({ width, height }, { width: wide, height: high });
      expect(scale).toBeLessThanOrEqual(1);
      expect(width * scale).toBeLessThanOrEqual(wide - 2 * MARGIN + 1e-6);
      expect(height * scale).toBeLessThanOrEqual(high - 2 * MARGIN + 1e-6);
    };
    fc.assert(
      fc.property(size, size, fc.integer({ min: 50, max: 2000 }), fc.integer({ min: 50, max: 2000 }), check),
    );
  });

  test("puts what is smaller than its room into the middle", () => {
    expect(inset(100, 1, 500)).toBe(200);
    expect(inset(1000, 1, 500)).toBe(MARGIN);
  });
});

describe("a cut line", () => {
  const box = { x: 0, y: 0, width: 100, height: 100 };

  test("is the same where all of it is in the box", () => {
    expect(clipped([10, 10, 20, 10, 30, 40, 40, 40], box)).toEqual([[10, 10, 20, 10, 30, 40, 40, 40]]);
  });

  test("is nothing where none of it is", () => {
    expect(clipped([200, 10, 220, 10, 230, 40, 240, 40], box)).toEqual([]);
  });

  test("is in two parts where it leaves and comes back", () => {
    const path = [10, 90, 10, 95, 10, 100, 20, 150, 20, 300, 60, 300, 60, 150, 60, 120, 60, 100, 60, 90];
    expect(clipped(path, { ...box, height: 120 })).toHaveLength(2);
  });

  test("of many curves is those that come into the box", () => {
    const ends = [-300, -200, -100, 0, 100, 200, 300];
    const path = ends.flatMap((x, i) => (i === 0 ? [x, 50] : [x - 60, 50, x - 30, 50, x, 50]));
    const [near, ...others] = clipped(path, box);
    expect(others).toEqual([]);
    expect([near![0], near!.at(-2)]).toEqual([0, 100]);
  });

  test("is cut at whole tiles around what is seen", () => {
    expect(tilesAround({ x: 100, y: -5, width: 900, height: 500 })).toEqual({
      x: -1024,
      y: -2048,
      width: 3072,
      height: 4096,
    });
  });
});

describe("the field", () => {
  const nodes = [
    { x: 0, y: 0 },
    { x: 100, y: 0 },
    { x: 200, y: 50 },
  ];
  const sizes = nodes.map(() => ({ width: 40, height: 20 }));
  const routes = [
    { path: [40, 10, 60, 10, 80, 10, 100, 10] },
    { path: [140, 10, 160, 10, 180, 60, 200, 60] },
  ];
  const links = [
    { from: 0, to: 1, slots: [0] },
    { from: 1, to: 2, slots: [1] },
  ];
  const field = new Field({ width: 240, height: 70, nodes, routes, order: [] }, sizes, links);

  test("tells what is in a part of the drawing", () => {
    expect(field.items({ x: 30, y: 0, width: 80, height: 5 })).toEqual([0, 1]);
    expect(field.links({ x: 30, y: 0, width: 30, height: 50 })).toEqual([0]);
    expect(field.items({ x: -9, y: -9, width: 999, height: 999 })).toEqual([0, 1, 2]);
  });

  test("has one of the links that pass through a part from one card, and all that end near it", () => {
    const along = Array.from({ length: 6 }, (_, i) => ({ x: 1000 * i, y: 0 }));
    const from = [1, 2, 3, 4, 5].map((to) => ({ from: 0, to, slots: [to] }));
    const trunks = from.map(({ to }) => ({ path: [40, 10, 60, 10, 80, 10, 1000 * to, 10] }));
    const layout = { width: 5040, height: 20, nodes: along, routes: trunks, order: [] };
    const wide = new Field(
      layout,
      along.map(() => ({ width: 40, height: 20 })),
      from,
    );
    expect(wide.links({ x: 1900, y: 0, width: 200, height: 20 })).toEqual([1, 4]);
    expect(wide.links({ x: -100, y: 0, width: 6000, height: 20 })).toEqual([0, 1, 2, 3, 4]);
  });

  test("tells what is at a place or near it", () => {
    expect(field.at({ x: 120, y: 10 }, 0)).toBe(1);
    expect(field.at({ x: 46, y: 10 }, 5)).toBeUndefined();
    expect(field.at({ x: 46, y: 10 }, 100)).toBe(0);
  });
});

describe("colours and widths", () => {
  test("grow with the order of magnitude, the sign apart", () => {
    const shades = [-10, -1, -0.01, 0, 0.01, 1, 10].map((x) => shade(x, 10));
    expect(shades).toEqual([...shades].sort((a, b) => a - b));
    expect([shades[0], shades[3], shades[6]]).toEqual([-1, 0, 1]);
    expect(shade(1, 10)).toBeCloseTo(0.75, 2);
    expect([shade(3, 0), shade(20, 10)]).toEqual([0, 1]);
  });

  test("of lines are by share, the thinnest where nothing flows and the thickest for nan", () => {
    expect([undefined, 0, 5, -10, 20].map((sent) => lineWidth(sent, 10))).toEqual(
      [1.4, 1.4, 2.6, 3.8, 3.8].map((w) => expect.closeTo(w, 6)),
    );
    expect(lineWidth(Number.NaN, 10)).toBe(3.8);
  });

  test.each([
    ["LR", [6, 5, 14, 0.5, 14, 9.5]],
    ["TB", [5, 6, 9.5, 14, 0.5, 14]],
    ["BT", [5, 4, 0.5, -4, 9.5, -4]],
  ] as const)("an arrowhead points at the producer: %s", (direction, points) => {
    expect(headOf([5, 5], direction)).toEqual(points);
  });

  test("lies the other way where a link leads back", () => {
    expect(headOf([5, 5, 10, 5], "LR")).toEqual([6, 5, 14, 0.5, 14, 9.5]);
    expect(headOf([5, 5, 0, 5], "LR")).toEqual([4, 5, -4, 9.5, -4, 0.5]);
    expect(headOf([5, 5, 5, 0], "BT")).toEqual(headOf([5, 5], "BT"));
  });
});
