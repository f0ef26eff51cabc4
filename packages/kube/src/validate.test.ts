import { ApiError, Bot, Ghost, Model, Shell, Team } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { validateObject } from './validate.ts';

const strict = { fieldValidation: 'Strict' } as const;
const ghost = (spec: unknown, metadata: unknown = { name: 'g' }) => ({ kind: 'Ghost', metadata, spec });

function causes(input: unknown, definition: Parameters<typeof validateObject>[0] = Ghost): string[] {
  try {
    validateObject(definition, input, strict);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return (
      error.details?.causes?.map(({ field, message }) => `${field}: ${message}`) ?? [
        `${error.reason}: ${error.message}`,
      ]
    );
  }
  return [];
}

describe('validateObject', () => {
  it('reports all findings at once, worded as Kubernetes does', () => {
    const input = ghost(
      { mcpServers: { a: { type: 'http' }, b: { command: 'x', env: { N: 1 } } }, colour: 'red' },
      { name: '-bad', labels: { 'a b': 'c' } },
    );
    expect(causes({ ...input, extra: 1 })).toEqual([
      'metadata.name: Invalid value: must consist of letters, digits, "-", "_" or ".", and start and end with a letter or digit',
      'metadata.labels.a b: Invalid value: is not a valid label key',
      'spec.systemPrompt: Required value',
      'spec.mcpServers.a.url: Required value',
      'spec.mcpServers.b.env.N: Invalid value: Invalid input: expected string, received number',
      'extra: unknown field "extra"',
      'spec.colour: unknown field "spec.colour"',
    ]);
  });

  it('finds unknown fields that a schema drops silently', () => {
    const bot = {
      metadata: { name: 'b' },
      spec: { ghostRef: { name: 'g', colour: 1 }, shellRef: { name: 's' } },
    };
    expect(causes(bot, Bot)).toEqual(['spec.ghostRef.colour: unknown field "spec.ghostRef.colour"']);
    expect(validateObject(Bot, bot, { fieldValidation: 'Warn' })).toEqual({
      object: {
        apiVersion: 'agent.wecode.io/v1',
        kind: 'Bot',
        metadata: { name: 'b' },
        spec: { ghostRef: { name: 'g' }, shellRef: { name: 's' } },
      },
      warnings: ['unknown field "spec.ghostRef.colour"'],
    });
  });

  it('fills in defaults, takes older spellings and leaves status out', () => {
    const shell = {
      apiVersion: 'agent.wecode.io/v1',
      kind: 'Shell',
      metadata: { name: 's', displayName: 'My shell', user_id: 0, namespace: 'default' },
      spec: { runtime: 'Agno', supportModel: [], baseImage: null },
      status: { state: 'Available', anything: true },
    };
    const { object } = validateObject(Shell, shell, strict);
    expect(object).toEqual({
      apiVersion: 'agent.wecode.io/v1',
      kind: 'Shell',
      metadata: {
        name: 's',
        namespace: 'default',
        annotations: { 'agent.wecode.io/display-name': 'My shell' },
      },
      spec: {
        shellType: 'Agno',
        supportModel: [],
        network: 'gateway-only',
        timeouts: { turnSeconds: 3600, idleSeconds: 300, startSeconds: 120 },
        retry: { maxAttempts: 3 },
      },
    });
  });

  it.each([
    ['a list', [], 'BadRequest: expected a Ghost document, got a list'],
    [
      'another kind',
      { ...ghost({}), kind: 'Bot' },
      'BadRequest: the kind in the data (Bot) does not match the expected kind (Ghost)',
    ],
    [
      'another version',
      { ...ghost({}), apiVersion: 'v1' },
      'BadRequest: the API version in the data (v1) does not match the expected API version (agent.wecode.io/v1)',
    ],
    ['text as spec', ghost('x'), 'spec: Invalid value: expected a mapping, got a string'],
    [
      'no name',
      ghost({ systemPrompt: '' }, {}),
      'metadata.name: Required value: name or generateName is required',
    ],
    [
      'metadata as a list',
      ghost({ systemPrompt: '' }, []),
      'metadata: Invalid value: Invalid input: expected object, received array',
    ],
    [
      'NUL in text',
      ghost({ systemPrompt: 'a\0b' }),
      'spec.systemPrompt: Invalid value: must not hold NUL characters',
    ],
    ['NUL in a key', ghost({ 'a\0': 1 }), 'spec.a\\0: Invalid value: keys must not hold NUL characters'],
    [
      'half a surrogate pair',
      ghost({ systemPrompt: '\ud800' }),
      'spec.systemPrompt: Invalid value: must be well-formed Unicode text',
    ],
    [
      '__proto__',
      JSON.parse('{"spec":{"__proto__":{"x":1}}}'),
      'spec.__proto__: Forbidden: this key is not allowed',
    ],
    [
      'deep nesting',
      JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`),
      'a.a.a.a.a.a.a.a: Invalid value: nested deeper than 64 levels',
    ],
    [
      'too much',
      ghost({ list: new Array(60_000).fill(1) }),
      ': Too many: a document holds at most 50000 values',
    ],
    [
      'too many labels',
      ghost(
        { systemPrompt: '' },
        { name: 'g', labels: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`l${i}`, 'x'])) },
      ),
      'metadata.labels: Invalid value: at most 64 labels are allowed, 10000 were given',
    ],
  ])('refuses %s', (_what, input, expected) => {
    expect(causes(input)).toContain(expected);
  });

  it.each(['../etc/passwd', 'a/b', '..', 'a..b', '😀', 'x'.repeat(300), '<b>', ' a', ''])(
    'refuses the name %j',
    (name) => {
      expect(causes(ghost({ systemPrompt: '' }, { name })).join()).toContain('metadata.name');
    },
  );

  it('takes documents of the reference format as they are', () => {
    const team = {
      kind: 'Team',
      metadata: { name: 't' },
      spec: {
        workflow: { mode: 'pipeline' },
        members: [{ botRef: { name: 'b', namespace: 'default' }, prompt: '', role: '' }],
        bind_mode: null,
      },
    };
    expect(validateObject(Team, team, strict).object.spec).toMatchObject({
      collaborationModel: 'pipeline',
      members: [{ prompt: '' }],
    });
    const model = {
      metadata: { name: 'm' },
      spec: {
        modelConfig: { env: { ANTHROPIC_MODEL: 'c', MAX_TOKENS: 8000, DEFAULT_HEADERS: '{"a":"b"}' } },
      },
    };
    expect(validateObject(Model, model, strict).object.spec).toMatchObject({
      modelConfig: { env: { MAX_TOKENS: '8000', DEFAULT_HEADERS: { a: 'b' } } },
    });
  });
});
