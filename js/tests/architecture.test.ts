import { expect, test } from "vitest";

/** Each room with those it may import from, besides itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  i18n: [],
  style: [],
  layout: [],
  analysis: ["engine", "i18n"],
  picture: ["engine", "analysis", "layout", "i18n"],
  session: ["engine", "analysis", "layout", "picture", "i18n"],
  view: ["engine", "analysis", "layout", "picture", "session", "i18n"],
  // widget.ts and element.ts
  ".": ["engine", "session", "view", "i18n", "style"],
};

declare global {
  interface ImportMeta {
    glob(pattern: string, options: object): Record<string, string>;
  }
}

const SOURCES = import.meta.glob("../src/**/*.ts", { query: "?raw", import: "default", eager: true });

const IMPORT = /^(?:import|export)\s[^;"]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm;

function importsOf(text: string, file: string): string[] {
  const named = [...text.matchAll(IMPORT)].map(([, from, bare, dynamic]) => (from ?? bare ?? dynamic)!);
  const modules = named.filter((name) => !name.endsWith(".json"));
  return modules.map((name) => new URL(name, `file:///${file}`).pathname.slice(1));
}

/** Per source file the files it imports, type-only imports included. */
const imports = new Map(
  Object.entries(SOURCES).map(([path, text]) => {
    const file = path.replace("../src/", "");
    return [file, importsOf(text, file)];
  }),
);

function roomOf(file: string): string {
  return file.includes("/") ? file.split("/")[0]! : ".";
}

/** The first circle that a depth-first search meets, as the files on it. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const finished = new Set<string>();
  const follow = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return [];
    for (const other of graph.get(file) ?? []) {
      const circle = follow(other, [...path, file]);
      if (circle.length > 0) return circle;
    }
    finished.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const circle = follow(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

test("imports are found in every form", () => {
  const text = `import { a,\n  b } from "./b.ts";
import type { C } from "../c.ts";
export type { D } from "./d.ts";
import "./e.css";
const f = await import("./f.ts");
export type Direction = "LR" | "TB";`;
  expect(importsOf(text, "room/a.ts")).toEqual(["room/b.ts", "c.ts", "room/d.ts", "room/e.css", "room/f.ts"]);
});

test("every import is of a file of ours", () => {
  const missing = [...imports].flatMap(([file, others]) =>
    others
      .filter((other) => !imports.has(other) && !other.endsWith(".css"))
      .map((other) => `${file} → ${other}`),
  );
  expect(imports.size).toBeGreaterThan(50);
  expect(missing).toEqual([]);
});

test("no file imports itself by way of others", () => {
  expect(
    circleIn(
      new Map([
        ["a", ["b"]],
        ["b", ["c"]],
        ["c", ["b"]],
      ]),
    ),
  ).toEqual(["b", "c", "b"]);
  expect(circleIn(imports)).toEqual([]);
});

test("rooms import only from rooms before them", () => {
  const wrong = [...imports].flatMap(([file, others]) => {
    const room = roomOf(file);
    const allowed = [room, ...(ROOMS[room] ?? [])];
    return others.filter((other) => !allowed.includes(roomOf(other))).map((other) => `${file} → ${other}`);
  });
  expect(wrong).toEqual([]);
});
