/** Holds the reader of expressions to the vectors that Python's has written, `tests/conformance/expressions.py`. */

import { expect, test } from "vitest";
import cases from "../../../tests/conformance/expressions.json";
import { documentOf } from "../../src/engine/expression.ts";
import type { Fault } from "../../src/engine/syntax.ts";
import { messagesFor } from "../../src/i18n/index.ts";

const NONE = new Map<string, number>();

function faultOf(text: string): Fault {
  try {
    documentOf(text, NONE);
  } catch (fault) {
    return fault as Fault;
  }
  throw new Error(`${text} is an expression`);
}

function said(language: string, { key, values }: Fault): string {
  const words = messagesFor(language, []).faults[key];
  return typeof words === "function" ? words(...values) : String(words);
}

test.each(cases)("$text", ({ text, document, says, start, end }) => {
  if (document) {
    expect(documentOf(text, NONE)).toEqual(document);
    return;
  }
  const fault = faultOf(text);
  expect([fault.start, fault.end]).toEqual([start, end]);
  expect({ en: said("en", fault), zh: said("zh", fault) }).toEqual(says);
});

test("names have the values that are given, the others begin at 1", () => {
  const given = new Map([
    ["w", 0.5],
    ["other", 3],
  ]);
  expect(documentOf("w*x + w", given).value).toEqual({ 0: 0.5, 1: 1 });
  expect(documentOf("w*x", new Map([["w", Number.NaN]])).value[0]).toBe("nan");
});

test("it may be as deep as the field is long", () => {
  expect(documentOf(`${"(".repeat(500)}a${")".repeat(500)}`, NONE).op).toEqual(["leaf"]);
  expect(documentOf(`${"-".repeat(999)}a`, NONE).op).toHaveLength(1000);
});
