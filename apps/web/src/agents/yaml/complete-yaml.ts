import type { AgentKind } from '../draft/agent-document.ts';
import { yamlPlaceAt } from './yaml-path.ts';
import { schemaAt, schemaOfKind } from './yaml-schema.ts';

/** Something that may be written at a place. */
export interface YamlOption {
  label: string;
  /** What is written; the label when absent. */
  insert?: string;
  detail?: string;
  info?: string;
  type: 'property' | 'enum' | 'reference';
}

/** What may be written, and the column from which on it replaces what is there. */
export interface YamlCompletion {
  from: number;
  options: YamlOption[];
}

const REFERENCES: Record<string, AgentKind> = {
  botRef: 'Bot',
  ghostRef: 'Ghost',
  shellRef: 'Shell',
  modelRef: 'Model',
};

/** What may be written at a column of a line: keys, values, or names of what references may point to. */
export function completeYaml({
  lines,
  line,
  column,
  namesOf,
}: {
  lines: readonly string[];
  line: number;
  column: number;
  /** Names of the objects of a kind. */
  namesOf: (kind: AgentKind) => readonly string[];
}): YamlCompletion | undefined {
  const written = (lines[line] ?? '').slice(0, column);
  if (/^\s*#/.test(written)) return undefined;
  // An empty line is as deep as the cursor stands.
  const place = yamlPlaceAt(lines.with(line, written.trim() === '' ? `${written}x` : written), line);
  const root = schemaOfKind(place.kind);
  if (place.key !== undefined) {
    const from = written.length - place.rest.length;
    if (!/:\s/.test(written.slice(place.column))) return undefined;
    const kind = place.key === 'name' ? REFERENCES[String(place.path.at(-1))] : undefined;
    if (kind) {
      return { from, options: namesOf(kind).map((label) => ({ label, detail: kind, type: 'reference' })) };
    }
    const values = schemaAt(root, [...place.path, place.key])?.values ?? [];
    return values.length === 0
      ? undefined
      : { from, options: values.map((label) => ({ label, type: 'enum' })) };
  }
  const node = schemaAt(root, place.path);
  if (!node) return undefined;
  const prefix = written.trim() === '' ? '' : place.rest;
  const from = written.length - prefix.length;
  const present = siblingKeys(lines, line, place.column);
  const keys = [...node.properties].filter(([name]) => !present.has(name));
  return {
    from,
    options: [
      ...node.values.map((label) => ({ label, type: 'enum' as const })),
      ...keys.map(([name, child]) => ({
        label: name,
        insert: child.properties.size > 0 ? `${name}:\n${' '.repeat(place.column + 2)}` : `${name}: `,
        detail: child.type,
        type: 'property' as const,
        ...(child.description === undefined ? {} : { info: child.description }),
      })),
    ],
  };
}

/** What the schema says about the key of a line, when the column is on it. */
export function describeYaml(
  lines: readonly string[],
  line: number,
  column: number,
): { key: string; from: number; to: number; description: string | undefined; type: string } | undefined {
  const place = yamlPlaceAt(lines, line);
  if (place.key === undefined) return undefined;
  const to = place.column + place.key.length;
  if (column < place.column || column > to) return undefined;
  const node = schemaAt(schemaOfKind(place.kind), [...place.path, place.key]);
  return node && { key: place.key, from: place.column, to, description: node.description, type: node.type };
}

/** The keys that stand beside the line in the same mapping. */
function siblingKeys(lines: readonly string[], line: number, column: number): Set<string> {
  const keys = new Set<string>();
  const collect = (step: 1 | -1) => {
    for (let at = line + step; at >= 0 && at < lines.length; at += step) {
      const text = lines[at] ?? '';
      if (/^---/.test(text)) return;
      if (text.trim() === '' || text.trim().startsWith('#')) continue;
      const start = text.length - text.trimStart().replace(/^(-\s+)+/, '').length;
      const dashed = /^\s*-\s/.test(text);
      if (start < column || (dashed && step === 1 && start === column)) return;
      if (start === column) {
        const key = /^["']?([^"':]+)["']?:/.exec(text.slice(start))?.[1];
        if (key !== undefined) keys.add(key);
        if (dashed) return;
      }
    }
  };
  collect(-1);
  collect(1);
  return keys;
}
