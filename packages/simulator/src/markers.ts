import { parseJson } from './json.ts';

// Anything else in double brackets is plain text.
const OPENING = /\[\[(tool!?|tools-parallel|think|say|json|steps|fault)(?=[\s\]])/g;

/** A `[[name argument]]` of a prompt. */
export interface Marker {
  name: string;
  argument: string;
}

/** Takes the markers out of a prompt; `rest` is what is left to read as prose. */
export function readMarkers(prompt: string): { markers: Marker[]; rest: string } {
  const markers: Marker[] = [];
  const rest: string[] = [];
  const opening = new RegExp(OPENING);
  let at = 0;
  for (let found = opening.exec(prompt); found !== null; found = opening.exec(prompt)) {
    const end = closing(prompt, opening.lastIndex);
    // A marker that never ends is text, and so is all that follows it.
    if (end < 0) break;
    markers.push({ name: found[1] ?? '', argument: prompt.slice(opening.lastIndex, end).trim() });
    rest.push(prompt.slice(at, found.index));
    at = end + 2;
    opening.lastIndex = at;
  }
  rest.push(prompt.slice(at));
  return { markers, rest: rest.join('').trim() };
}

/** Reads `name {json} name {json} …`; a name without JSON has an empty input; undefined when that is broken. */
export function readCalls(argument: string): { name: string; input: string }[] | undefined {
  const calls: { name: string; input: string }[] = [];
  let left = argument.trim();
  while (left !== '') {
    const name = /^[^\s{]+/.exec(left)?.[0];
    if (name === undefined) return undefined;
    left = left.slice(name.length).trim();
    const size = left.startsWith('{') ? balanced(left, 0) : 0;
    const input = size === 0 ? '{}' : left.slice(0, size);
    if (size < 0 || parseJson(input) === undefined) return undefined;
    calls.push({ name, input });
    left = left.slice(size).trim();
  }
  return calls.length > 0 ? calls : undefined;
}

/** Where the `]]` that ends a marker stands: JSON inside may have such brackets of its own. */
function closing(prompt: string, start: number): number {
  let end = prompt.indexOf(']]', start);
  let brace = prompt.indexOf('{', start);
  while (end >= 0 && brace >= 0 && brace < end) {
    const size = balanced(prompt, brace);
    if (size < 0) return end;
    if (brace + size > end) end = prompt.indexOf(']]', brace + size);
    brace = prompt.indexOf('{', brace + size);
  }
  return end;
}

/** The length of the JSON object that starts at `start`; -1 when it never ends. */
function balanced(source: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < source.length; at++) {
    const character = source[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth++;
    else if (character === '}') {
      depth--;
      if (depth === 0) return at - start + 1;
    }
  }
  return -1;
}
