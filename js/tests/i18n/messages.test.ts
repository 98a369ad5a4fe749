import { expect, test } from "vitest";
import { OPS } from "../../src/engine/ops.ts";
import { en } from "../../src/i18n/en.ts";
import { messagesFor } from "../../src/i18n/index.ts";
import type { Messages } from "../../src/i18n/types.ts";
import { zh } from "../../src/i18n/zh.ts";

/** What may stand in both languages: code, keys, and names that were handed in. */
const CODE =
  /requires_grad=False|zero_grad\(\)|\.backward\(\)|\.grad\b|grad > 1|value < 0|nan|inf|Enter|Shift|Graphviz|Python|\bdot\b|\b[whxy]\d?\b/g;

test("both tables have the same messages, of the same kind", () => {
  const shape = (table: Messages) => Object.entries(table).map(([key, message]) => [key, typeof message]);
  expect(shape(zh).sort()).toEqual(shape(en).sort());
});

test("both tell the same reasons", () => {
  expect(Object.keys(zh.diagnosis).sort()).toEqual(Object.keys(en.diagnosis).sort());
  const shortOnes = (table: Messages) =>
    Object.entries(table.diagnosis).map(([kind, [, short]]) => [kind, !!short]);
  expect(shortOnes(zh)).toEqual(shortOnes(en));
  for (const table of [en, zh])
    for (const [tell] of Object.values(table.diagnosis)) expect(tell("w", "x")).toMatch(/[.。]$/);
});

test("both take as much", () => {
  for (const [key, message] of Object.entries(en)) {
    const other = zh[key as keyof Messages];
    if (typeof message === "function") expect((other as () => string).length, key).toBe(message.length);
  }
});

test("Chinese has no English in it, and English no Chinese", () => {
  const plain = (table: Messages) =>
    Object.entries(table).filter(([key, text]) => key !== "lang" && typeof text === "string");
  for (const [key, text] of plain(zh)) expect(text.replace(CODE, ""), key).not.toMatch(/[a-z]{3}/i);
  for (const [key, text] of plain(en)) expect(text, key).not.toMatch(/\p{Script=Han}/u);
});

test.each([
  ["", ["en-GB"], "en"],
  ["", ["zh-CN", "en"], "zh-Hans"],
  ["", ["de", "zh-TW"], "zh-Hans"],
  ["", ["de"], "en"],
  ["", [], "en"],
  ["zh", ["en"], "zh-Hans"],
  ["en", ["zh"], "en"],
  ["constructor", ["zh"], "zh-Hans"],
])("of language %j and readers of %j is %s", (language, reader, lang) => {
  expect(messagesFor(language, reader).lang).toBe(lang);
});

test("both have words for the same ops: those that no one would read as words", () => {
  expect(Object.keys(zh.ops)).toEqual(Object.keys(en.ops));
  expect([...OPS.keys()].filter((op) => !/^\w{3}/.test(op))).toEqual(
    Object.keys(en.ops).filter((op) => op !== "neg"),
  );
  expect([en.ops["*"], zh.ops["*"]]).toEqual(["product", "积"]);
});

test("gradients are listed, the rest counted", () => {
  expect(en.list(["a"], 0)).toBe("a");
  expect(en.list(["a", "b", "c"], 0)).toBe("a, b and c");
  expect(en.list(["a", "b", "c"], 4)).toBe("a, b, c and 4 more");
  expect(zh.list(["a", "b"], 3)).toContain("5");
});
