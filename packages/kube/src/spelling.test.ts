import { kindByName, LAST_APPLIED_ANNOTATION, type ResourceObject } from '@wegent/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePatch } from './merge-patch.ts';
import { spelledAsApplied, withPatchedSpelling } from './spelling.ts';
import { isMapping, sameJson } from './tree.ts';
import { validateObject } from './validate.ts';

type Mapping = Record<string, unknown>;

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(fc.option(value, { nil: null }), { nil: undefined });
const text = fc.constantFrom('', 'a', 'b');
const name = fc.constantFrom('one', 'two');
const reference = fc.record({ name, namespace: maybe(name) });
const record = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { noNullPrototype: true }).map((value) => JSON.parse(JSON.stringify(value)) as Mapping);

const mode = fc.constantFrom('solo', 'pipeline', 'route');
const member = record({ role: maybe(fc.constantFrom('', 'member')), prompt: maybe(text) });
const server = record({
  url: fc.constantFrom('https://a.example/', 'https://b.example/'),
  type: maybe(fc.constantFrom('sse', 'http', 'streamable-http')),
  transport: maybe(fc.constantFrom('sse', 'streamable_http')),
  timeout: maybe(fc.constantFrom(1, 2)),
});
const servers = fc.dictionary(name, server, { noNullPrototype: true });

/** Specs as people write them, by kind: in the normal and in older spellings, with nulls and empty values. */
const SPECS: Record<string, fc.Arbitrary<Mapping>> = {
  Team: record({
    members: fc.tuple(member, member).map(([first, second]) => [
      { ...first, botRef: { name: 'one' } },
      { ...second, botRef: { name: 'two' } },
    ]),
    how: fc.oneof(
      fc.constant({}),
      record({ workflow: record({ mode }) }),
      record({ collaborationModel: fc.oneof(mode, record({ mode }), record({ name: mode })) }),
    ),
    where: fc.oneof(
      record({ bind_mode: maybe(fc.subarray(['chat', 'code'])) }),
      record({
        bind_mode: fc.constantFrom(undefined, null),
        recommended_mode: fc.constantFrom('chat', 'both'),
      }),
    ),
    description: maybe(text),
    limits: maybe(record({ parallel: maybe(fc.constantFrom(1, 2)) })),
  }).map(({ how, where, ...spec }) => ({ ...spec, ...(how as Mapping), ...(where as Mapping) })),
  Ghost: record({
    systemPrompt: text,
    mcpServers: maybe(fc.oneof(servers, record({ mcpServers: servers }))),
    approvals: maybe(fc.array(record({ tool: text, decision: maybe(fc.constantFrom('ask', 'deny')) }))),
  }),
  Shell: record({
    shellType: fc.constantFrom('Chat', 'Agno'),
    older: fc.boolean(),
    supportModel: maybe(fc.constantFrom([], ['openai'])),
    timeouts: maybe(record({ turnSeconds: maybe(fc.constantFrom(1, 2)) })),
  }).map(({ older, shellType, ...spec }) => ({ ...spec, [older ? 'runtime' : 'shellType']: shellType })),
  Model: record({
    modelConfig: record({
      env: record({
        model: fc.constantFrom('anthropic', 'claude', 'openai', 'google'),
        TOKENS: maybe(fc.constantFrom(8000, '8000', true)),
        DEFAULT_HEADERS: maybe(fc.constantFrom('{"a":"b"}', { a: 'b' }, {})),
      }),
    }),
    modelType: maybe(fc.constantFrom('llm', 'tts')),
  }),
  Bot: record({ ghostRef: reference, shellRef: reference, modelRef: maybe(reference) }),
  Task: record({
    teamRef: reference,
    workspaceRef: maybe(reference),
    is_group_chat: maybe(fc.boolean()),
    title: maybe(text),
  }),
};

const metadata = record({ displayName: maybe(text), user_id: maybe(fc.constantFrom(0, 1)) });
const kinds = Object.keys(SPECS);

describe('the spelling that an object was applied in', () => {
  it.each(kinds)('of a %s validates to the object, and holds all that the document says', (kind) => {
    fc.assert(
      fc.property(specOf(kind), metadata, (spec, head) => {
        const document = documentOf(kind, spec, head);
        const stored = store(document, document);
        const shown = spelledAsApplied(definitionOf(kind), stored);
        expect(read(kind, shown)).toEqual(read(kind, stored));
        expect(patchOf(document, document, shown)).toEqual({});
      }),
    );
  });

  it.each(kinds)('of a %s never hides what somebody else made of it', (kind) => {
    fc.assert(
      fc.property(specOf(kind), specOf(kind), metadata, metadata, (spec, other, head, otherHead) => {
        const document = documentOf(kind, spec, head);
        const stored = store(documentOf(kind, other, otherHead), document);
        expect(read(kind, spelledAsApplied(definitionOf(kind), stored))).toEqual(read(kind, stored));
      }),
    );
  });

  it.each(kinds)('of a %s lets kubectl bring about what the next document says, at once', (kind) => {
    fc.assert(
      fc.property(
        fc.tuple(specOf(kind), specOf(kind), specOf(kind)),
        fc.tuple(metadata, metadata, metadata),
        fc.boolean(),
        ([first, other, next], [firstHead, otherHead, nextHead], drifts) => {
          const definition = definitionOf(kind);
          const before = documentOf(kind, first, firstHead);
          const stored = drifts ? store(documentOf(kind, other, otherHead), before) : store(before, before);
          const document = documentOf(kind, next, nextHead);
          const live = spelledAsApplied(definition, stored);
          const patched = mergePatch(live, patchOf(before, annotated(document), live));
          const written = store(withPatchedSpelling(definition, { ...live }, patched), document);
          const shown = spelledAsApplied(definition, written);
          expect(patchOf(document, document, shown)).toEqual({});
          // Without a drift, nothing is left of what the document does not say any more.
          if (!drifts) expect(read(kind, written)).toEqual(read(kind, store(document, document)));
        },
      ),
    );
  });

  it('costs nothing where the document is what is stored', () => {
    const document = documentOf(
      'Team',
      { members: [{ botRef: { name: 'b' } }], collaborationModel: 'solo' },
      {},
    );
    const stored = store(document, document);
    expect(spelledAsApplied(definitionOf('Team'), stored)).toBe(stored);
    const { annotations: _none, ...bare } = stored.metadata;
    const never = { ...stored, metadata: bare };
    expect(spelledAsApplied(definitionOf('Team'), never)).toBe(never);
  });
});

function specOf(kind: string): fc.Arbitrary<Mapping> {
  return SPECS[kind] ?? fc.constant({});
}

function definitionOf(kind: string) {
  const definition = kindByName(kind);
  if (!definition) throw new Error(`there is no kind ${kind}`);
  return definition;
}

function documentOf(kind: string, spec: Mapping, head: Mapping): Mapping & { metadata: Mapping } {
  return { apiVersion: 'agent.wecode.io/v1', kind, metadata: { name: 'x', namespace: 'n', ...head }, spec };
}

function annotated(document: Mapping & { metadata: Mapping }): Mapping {
  const annotations = { [LAST_APPLIED_ANNOTATION]: JSON.stringify(document) };
  return { ...document, metadata: { ...document.metadata, annotations } };
}

/** What the platform keeps of a document, with the annotation of the one that kubectl applied. */
function store(document: unknown, applied: Mapping): ResourceObject {
  const kind = String(applied.kind);
  const { object } = validateObject(definitionOf(kind), document, { fieldValidation: 'Strict' });
  const annotations = { ...object.metadata.annotations, [LAST_APPLIED_ANNOTATION]: JSON.stringify(applied) };
  return { ...object, metadata: { ...object.metadata, name: 'x', namespace: 'n', annotations } };
}

function read(kind: string, object: object): unknown {
  const { metadata, spec } = validateObject(definitionOf(kind), object, { fieldValidation: 'Strict' }).object;
  const { [LAST_APPLIED_ANNOTATION]: _applied, ...annotations } = metadata.annotations ?? {};
  return { spec, annotations };
}

/** The patch that `kubectl apply` sends; it calls an object unchanged when this is empty. */
function patchOf(original: Mapping, modified: Mapping, current: object): unknown {
  const changed = parts(difference(current, modified), (value) => value !== null);
  const deleted = parts(difference(original, modified), (value) => value === null);
  return mergeOfPatches(deleted, changed);
}

function difference(from: unknown, to: unknown): Mapping {
  const [before, after] = [isMapping(from) ? from : {}, isMapping(to) ? to : {}];
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const changed = Object.entries(after).flatMap(([key, value]): [string, unknown][] => {
    const was = Object.hasOwn(before, key) ? before[key] : undefined;
    if (isMapping(was) && isMapping(value)) {
      const below = difference(was, value);
      return Object.keys(below).length === 0 ? [] : [[key, below]];
    }
    return was === undefined || !sameJson(was, value) ? [[key, value]] : [];
  });
  return Object.fromEntries([...changed, ...gone.map((key): [string, unknown] => [key, null])]);
}

function parts(patch: Mapping, keep: (value: unknown) => boolean): Mapping {
  return Object.fromEntries(
    Object.entries(patch).flatMap(([key, value]): [string, unknown][] => {
      if (!isMapping(value)) return keep(value) ? [[key, value]] : [];
      if (Object.keys(value).length === 0) return keep(value) ? [[key, value]] : [];
      const below = parts(value, keep);
      return Object.keys(below).length === 0 ? [] : [[key, below]];
    }),
  );
}

function mergeOfPatches(left: Mapping, right: Mapping): Mapping {
  const result = new Map(Object.entries(left));
  for (const [key, value] of Object.entries(right)) {
    const was = result.get(key);
    result.set(key, isMapping(was) && isMapping(value) ? mergeOfPatches(was, value) : value);
  }
  return Object.fromEntries(result);
}
