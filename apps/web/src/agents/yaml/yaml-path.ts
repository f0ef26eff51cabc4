/** Where a place of a YAML text is: the kind of its document, and the keys that lead there. */
export interface YamlPlace {
  kind: string | undefined;
  /** Keys and, for items of lists, numbers; without the key of the line itself. */
  path: readonly (string | number)[];
  /** The key of the line, once it has a colon. */
  key: string | undefined;
  /** What stands after the colon, or what is written so far. */
  rest: string;
  /** Column at which the key of the line begins. */
  column: number;
}

interface Line {
  indent: number;
  /** Columns at which dashes of lists stand before the key. */
  dashes: number[];
  key: string | undefined;
  rest: string;
}

/**
 * Finds the place of a line by indentation alone, so that it works while the text is no valid YAML. Mappings in
 * braces count as values.
 */
export function yamlPlaceAt(lines: readonly string[], index: number): YamlPlace {
  const [first, last] = documentAround(lines, index);
  const kind = lines
    .slice(first, last)
    .map((line) => /^kind:\s*["']?([A-Za-z]+)/.exec(line)?.[1])
    .find((found) => found !== undefined);
  const here = readLine(lines[index] ?? '');
  const path: (string | number)[] = [];
  // Everything that is indented less leads here. A dash stands for an item: what owns the list may be as far left as it.
  let limit = here.indent;
  let owned = here.dashes.at(-1);
  if (owned !== undefined) limit = owned;
  for (let at = index - 1; at >= first; at -= 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const read = readLine(line);
    const dash = read.dashes.at(-1);
    if (owned !== undefined) {
      if (read.key === undefined || dash !== undefined || read.indent > owned) continue;
      path.unshift(read.key, 0);
      limit = read.indent;
      owned = undefined;
    } else if (dash !== undefined && read.indent === limit) {
      owned = dash;
    } else if (read.key !== undefined && read.indent < limit) {
      path.unshift(read.key);
      limit = read.indent;
      owned = dash;
    }
  }
  return { kind, path, key: here.key, rest: here.rest, column: here.indent };
}

function documentAround(lines: readonly string[], index: number): [number, number] {
  const before = lines.slice(0, index).findLastIndex((line) => /^---(\s|$)/.test(line));
  const after = lines.findIndex((line, at) => at > index && /^---(\s|$)/.test(line));
  return [before + 1, after === -1 ? lines.length : after];
}

function readLine(line: string): Line {
  const dashes: number[] = [];
  let at = line.length - line.trimStart().length;
  while (/^-(\s|$)/.test(line.slice(at))) {
    dashes.push(at);
    at += 1;
    at += line.slice(at).length - line.slice(at).trimStart().length;
  }
  const text = line.slice(at);
  const pair = /^(?:"([^"]*)"|'([^']*)'|([^\s:#'"{[][^:#]*?))\s*:(?:\s+(.*))?$/.exec(text);
  const key = pair?.[1] ?? pair?.[2] ?? pair?.[3];
  return { indent: at, dashes, key, rest: key === undefined ? text : (pair?.[4] ?? '') };
}
