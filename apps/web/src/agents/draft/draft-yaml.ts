import { isMapping } from '@wegent/kube';
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  stringify,
  visit,
} from 'yaml';
import { AGENT_KINDS, type AgentDocument, isAgentKind, keyOf, toDocument } from './agent-document.ts';
import { type AgentDraft, inOrder } from './agent-draft.ts';

/** Something that keeps YAML from being an agent, and the part of the text that it is about. */
export interface YamlProblem {
  from: number;
  to: number;
  line: number;
  message: string;
}

/** YAML that was read. `draft` is there when the text can be an agent, whether or not it is a valid one. */
export interface ReadYaml {
  draft: AgentDraft | undefined;
  problems: YamlProblem[];
  /** The part of the text in which a field of a document stands, or the nearest thing around it. */
  locate(key: string, field: string): { from: number; to: number };
}

const MAX_CHARACTERS = 2_000_000;
// Enough for anchors that people write; a bomb needs far more.
const MAX_ALIASES = 32;

/** A draft as YAML documents, the Team first. What stands for a stored secret stays that. */
export function yamlFromDraft(draft: AgentDraft): string {
  return draft.documents
    .map(({ apiVersion, kind, metadata, spec }) =>
      stringify({ apiVersion, kind, metadata, spec }, { lineWidth: 110, blockQuote: 'literal' }),
    )
    .join('---\n');
}

/** Reads YAML documents as a draft. Documents without a namespace are those of `namespace`. */
export function draftFromYaml(text: string, namespace: string): ReadYaml {
  const lines = new LineCounter();
  const problems: YamlProblem[] = [];
  const report = (message: string, [from, to]: readonly [number, number]) =>
    void problems.push({ from, to: Math.max(from, to), line: lines.linePos(from).line, message });
  if (text.length > MAX_CHARACTERS) {
    report(`the text is longer than ${MAX_CHARACTERS} characters`, [0, 0]);
    return { draft: undefined, problems, locate: () => ({ from: 0, to: 0 }) };
  }
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const sources = Array.isArray(parsed) ? parsed : [];
  const nodes = new Map<string, Document>();
  const documents: AgentDocument[] = [];
  for (const source of sources) {
    const faults = [...source.errors, ...source.warnings];
    for (const { message, pos } of faults) report(message, pos);
    refuseDuplicates(source, report);
    if (faults.length > 0) continue;
    const document = readDocument(source, namespace, report);
    if (!document) continue;
    if (nodes.has(keyOf(document))) {
      report(
        `${document.kind} ${document.metadata.name} is here twice`,
        rangeOf(source, ['metadata', 'name']),
      );
      continue;
    }
    nodes.set(keyOf(document), source);
    documents.push(document);
  }
  const teams = documents.filter(({ kind }) => kind === 'Team');
  if (problems.length === 0 && teams.length !== 1) {
    const second = teams[1] && nodes.get(keyOf(teams[1]));
    report(
      teams.length === 0
        ? 'there is no Team in it; an agent is one Team with its parts'
        : 'an agent is one Team',
      second ? rangeOf(second, ['kind']) : [0, 0],
    );
  }
  return {
    draft: problems.length === 0 ? inOrder(documents) : undefined,
    problems,
    locate(key, field) {
      const node = nodes.get(key);
      const [from, to] = node ? rangeOf(node, pathOf(field)) : [0, 0];
      return { from, to };
    },
  };
}

// `spec.members[0].name` is spec, members, 0, name.
function pathOf(field: string): (string | number)[] {
  return (field.match(/[^.[\]]+/g) ?? []).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

type Report = (message: string, range: readonly [number, number]) => void;

function readDocument(source: Document, namespace: string, report: Report): AgentDocument | undefined {
  let value: unknown;
  try {
    value = source.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    report(error instanceof Error ? error.message : String(error), rangeOf(source, []));
    return undefined;
  }
  // A document of comments only.
  if (value === null || value === undefined) return undefined;
  if (!isMapping(value)) {
    report('expected a mapping with apiVersion, kind, metadata and spec', rangeOf(source, []));
    return undefined;
  }
  const { kind, metadata, spec } = value;
  if (!isAgentKind(kind)) {
    const found = kind === undefined ? 'it has no kind' : `an agent has no part of kind ${String(kind)}`;
    report(`${found}; an agent is made of ${AGENT_KINDS.join(', ')}`, rangeOf(source, ['kind']));
    return undefined;
  }
  if (!isMapping(metadata) || typeof metadata.name !== 'string' || metadata.name === '') {
    report('metadata.name is missing', rangeOf(source, ['metadata', 'name']));
    return undefined;
  }
  if (spec !== undefined && spec !== null && !isMapping(spec)) {
    report('spec has to be a mapping', rangeOf(source, ['spec']));
    return undefined;
  }
  const given = metadata.namespace;
  const place = {
    name: metadata.name,
    namespace: typeof given === 'string' && given !== '' ? given : namespace,
  };
  return toDocument({ kind, metadata: { ...metadata, ...place }, spec: spec ?? {} });
}

function refuseDuplicates(source: Document, report: Report): void {
  visit(source, {
    Map(_key, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          const [from, to] = key.range ?? [0, 0];
          report(`${String(key.value)} is here twice`, [from, to]);
        }
        seen.add(key.value);
      }
    },
  });
}

/** The range of the key of the deepest part of the path that is there; of its value where that is the item of a list. */
function rangeOf(source: Document, path: readonly (string | number)[]): [number, number] {
  let node: unknown = source.contents;
  const [start = 0] = source.range ?? [];
  let range = firstKeyOf(node) ?? [start, start];
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (!pair) break;
      range = spanOf(pair.key) ?? range;
      node = pair.value;
      if (isScalar(node)) range = spanOf(node) ?? range;
    } else if (isSeq(node) && typeof part === 'number') {
      const item: unknown = node.items[part];
      if (item === undefined || isPair(item)) break;
      range = firstKeyOf(item) ?? spanOf(item) ?? range;
      node = item;
    } else break;
  }
  return range;
}

function firstKeyOf(node: unknown): [number, number] | undefined {
  return isMap(node) ? spanOf(node.items[0]?.key) : undefined;
}

function spanOf(node: unknown): [number, number] | undefined {
  if (!isNode(node) || !node.range) return undefined;
  const [from, to] = node.range;
  return [from, to];
}
