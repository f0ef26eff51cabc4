/**
 * Puts a merged list into the order that `$setElementOrder` asks for. Items that it does not name keep their place
 * relative to those they stood beside before.
 */
export function inElementOrder({
  merged,
  before,
  order,
  identify,
}: {
  merged: unknown[];
  before: readonly unknown[];
  order: readonly unknown[] | undefined;
  identify: (item: unknown) => string;
}): unknown[] {
  if (order === undefined) return merged;
  const wanted = positions(order, identify);
  const former = positions(before, identify);
  const at = (item: unknown) => wanted.get(identify(item)) ?? -1;
  const named = merged.filter((item) => at(item) >= 0).sort((left, right) => at(left) - at(right));
  const others = merged.filter((item) => at(item) < 0);
  const result: unknown[] = [];
  let next = 0;
  for (const item of named) {
    const place = former.get(identify(item));
    // As the API server merges: an unnamed item goes first unless both were there and it came later.
    while (next < others.length && !comesFirst(place, former.get(identify(others[next])))) {
      result.push(others[next]);
      next += 1;
    }
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}

function comesFirst(place: number | undefined, other: number | undefined): boolean {
  return place !== undefined && other !== undefined && place < other;
}

function positions(items: readonly unknown[], identify: (item: unknown) => string): Map<string, number> {
  return new Map(items.map((item, index) => [identify(item), index]));
}
