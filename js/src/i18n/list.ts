/** List the parts that there are: the last one after `and`, the others before it with commas. */
export function listed(parts: readonly (string | false)[], comma: string, and: string): string {
  const there = parts.filter(Boolean);
  return [there.slice(0, -1).join(comma), ...there.slice(-1)].filter(Boolean).join(and);
}
