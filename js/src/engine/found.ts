/** Found values in the words of a refusal. The twin of `json_text.py`. */

export function refuse(reason: string): never {
  throw new Error(`graph document: ${reason}`);
}

/** Render a found value, short enough for an error message. */
export function shown(x: unknown): string {
  const text = JSON.stringify(x ?? null);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

export function isId(x: unknown, size: number): x is number {
  return Number.isInteger(x) && (x as number) >= 0 && (x as number) < size;
}

export function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === "object" && x !== null && !Array.isArray(x);
}

/** Limit of nested lists and objects: other readers take as little as this. */
const DEEPEST = 100;

/** Test whether lists and objects are nested too deep. */
export function isDeep(x: unknown): boolean {
  let level = [x];
  for (let depth = 0; level.length > 0; depth++) {
    level = level.flatMap((one) => (one instanceof Object ? Object.values(one) : []));
    if (depth > DEEPEST) return true;
  }
  return false;
}
