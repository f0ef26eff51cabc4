import { isMapping } from '@wegent/kube';

/** Pairs such as headers as lines of text. */
export function textFromPairs(pairs: unknown, separator: ':' | '='): string {
  if (!isMapping(pairs)) return '';
  const between = separator === ':' ? ': ' : '=';
  return Object.entries(pairs)
    .map(([name, value]) => `${name}${between}${String(value)}`)
    .join('\n');
}

/** Lines of text as pairs; a line without the separator is not one yet. Undefined when there is none. */
export function pairsFromText(text: string, separator: ':' | '='): Record<string, string> | undefined {
  const pairs = text.split('\n').flatMap((line) => {
    const place = line.indexOf(separator);
    const name = line.slice(0, place).trim();
    return place < 1 || name === '' ? [] : [[name, line.slice(place + 1).trim()] as const];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}
