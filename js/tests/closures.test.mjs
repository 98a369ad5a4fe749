import { describe, expect, it } from "vitest";
import { withClosures } from "../closures.mjs";

const CLASSES = `
const outside = 1;
class Counter {
  name;
  step = 2;
  #count = this.step * 10;
  #onChange;
  #given;
  constructor(onChange, outside, { start = 0, ...rest } = {}) {
    this.#onChange = onChange;
    this.#given = { outside, start };
    this.name = Object.keys(rest).join();
    this.#count += start;
    const show = () => onChange(outside);
    show();
  }
  get count() { return this.#count; }
  get #twice() { return 2 * this.#count; }
  add() { this.#count += this.step; this.#onChange(this.#twice); return this; }
  outer() { return [outside, this.#given.outside, this.#given.start]; }
  *[Symbol.iterator]() { yield* this.#all(); }
  *#all() { yield this.#count; yield () => this.#count; }
}
class Known { #x; constructor(x) { this.#x = x; } is(other) { return other instanceof Known; } }
class Peer { #x = 1; same(other) { return other.#x === this.#x; } }
class Made { static of() { return new Made(); } }
class Parent { #x = 1; get x() { return this.#x; } }
class Heir extends Parent { y() { return this.x + 1; } }
export { Counter, Known, Peer, Made, Parent, Heir };
`;

async function load(code) {
  return await import(`data:text/javascript,${encodeURIComponent(code)}`);
}

describe("classes turned into functions", () => {
  const turned = withClosures(CLASSES);

  it.each([
    ["as they were", CLASSES],
    ["turned", turned],
  ])("do the same: %s", async (_, code) => {
    const { Counter } = await load(code);
    const told = [];
    const counter = new Counter((x) => told.push(x), 7, { start: 5, a: 1, b: 2 });
    expect(counter.name).toBe("a,b");
    expect(counter.count).toBe(25);
    expect(counter.add().add().count).toBe(29);
    expect(told).toEqual([7, 54, 58]);
    expect(counter.outer()).toEqual([1, 7, 5]);
    const [now, later] = counter;
    counter.add();
    expect([now, later()]).toEqual([29, 31]);
    expect(new Counter(() => {}, 0).count).toBe(20);
  });

  it("are called without `new`, so that a function may become an arrow", () => {
    const made = withClosures(`${CLASSES} const made = [new Counter(() => {}), new Made, new Known(1)];`);
    // Made has something static, and Known is asked for by `instanceof`: they stay classes.
    expect(made).toContain("[Counter(() => {}), new Made, new Known(1)]");
    expect(withClosures("class A { #x = 1; get x() { return this.#x; } } const a = new A;")).toContain(
      "a = A();",
    );
  });

  it("hide what is private, and keep apart what two objects have", async () => {
    const { Counter } = await load(turned);
    const [a, b] = [new Counter(() => {}, 0), new Counter(() => {}, 0)];
    a.add();
    expect([a.count, b.count]).toEqual([22, 20]);
    expect(Object.keys(a)).not.toContain("count$");
    expect(turned).not.toMatch(/class Counter/);
  });

  it("are left as they are where they are more than an object", () => {
    for (const name of ["Known", "Peer", "Made", "Parent", "Heir"]) expect(turned).toContain(`class ${name}`);
    expect(withClosures("class A { #x = 1; }", ["A"])).toContain("class A");
  });
});
