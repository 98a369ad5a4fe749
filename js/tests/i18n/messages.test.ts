import { expect, test } from "vitest";
import english from "../../../src/autograd_widget/messages/en.json";
import chinese from "../../../src/autograd_widget/messages/zh.json";
import { OPS } from "../../src/engine/ops.ts";
import { listed, messagesFor } from "../../src/i18n/index.ts";
import type { Messages } from "../../src/i18n/types.ts";

const en = messagesFor("en", []);
const zh = messagesFor("zh", []);

/** Text that may stand in both languages: code, keys, and names that were handed in. */
const CODE =
  /requires_grad=False|zero_grad\(\)|\.backward\(\)|\.grad\b|grad > 1|value < 0|nan|inf|Enter|Shift|Graphviz|Python|\bdot\b|\b[whxy]\d?\b/g;

test("both tables have the same messages, of the same kind", () => {
  const shape = (table: Messages) => Object.entries(table).map(([key, message]) => [key, typeof message]);
  expect(shape(zh).sort()).toEqual(shape(en).sort());
});

test("both tell the same reasons", () => {
  const kinds = (table: Messages) => [Object.keys(table.diagnoses), Object.keys(table.short)];
  expect(kinds(zh)).toEqual(kinds(en));
  for (const table of [en, zh])
    for (const tell of Object.values(table.diagnoses))
      expect(typeof tell === "string" ? tell : tell("w", "x")).toMatch(/[.。]$/);
});

/** Places for values in a message, per key. */
function places(entry: unknown, key = ""): [string, string[]][] {
  if (typeof entry === "string" || Array.isArray(entry))
    return [[key, [...new Set(String(entry).match(/\{\d\}/g))].sort()]];
  return Object.entries(entry as object).flatMap(([inner, one]) => places(one, `${key}.${inner}`));
}

test("both have places for the same values", () => {
  const counts = /^\.page\.(passBefore|andMore|setAfter)$/; // a count that one language says in words
  const told = (table: { shared: object; page: object }) =>
    [...places(table.shared, ".shared"), ...places(table.page, ".page")]
      .filter(([key]) => !counts.test(key))
      .sort();
  expect(told(chinese)).toEqual(told(english));
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
  expect(listed(en, ["a"])).toBe("a");
  expect(listed(en, ["a", "b", "c"])).toBe("a, b and c");
  expect(listed(en, ["a", "b", "c"], 4)).toBe("a, b, c and 4 more");
  expect(listed(zh, ["a", "b"], 3)).toContain("5");
});

test("one and many", () => {
  expect([en.learned(1, "0.5"), en.learned(2, "0.5")]).toEqual(["1 step, loss 0.5", "2 steps, loss 0.5"]);
  expect([en.leaves(1), en.leaves(3), zh.leaves(1)]).toEqual(["1 leaf", "3 leaves", "1 叶节点"]);
});
