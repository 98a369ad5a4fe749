/** Gather by key: lists in the order of their first members. */
export function grouped<T, K>(all: Iterable<T>, key: (one: T) => K): Map<K, T[]> {
  const lists = new Map<K, T[]>();
  for (const one of all) {
    const those = lists.get(key(one));
    if (those) those.push(one);
    else lists.set(key(one), [one]);
  }
  return lists;
}
