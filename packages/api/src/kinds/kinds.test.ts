import { describe, expect, test } from 'vitest';
import { KINDS, kindByName, kindByPlural } from './index.ts';

function parse(kind: string, spec: Record<string, unknown>): unknown {
  const definition = kindByName(kind);
  if (!definition) throw new Error(`no kind ${kind}`);
  return definition.spec.parse(definition.normalise(spec));
}

describe('kinds', () => {
  test('names, plurals and short names are unique', () => {
    const names = KINDS.flatMap((definition) => [
      definition.plural,
      definition.singular,
      ...definition.shortNames,
    ]);
    expect(new Set(names).size).toBe(names.length);
    for (const definition of KINDS) expect(kindByPlural(definition.plural)).toBe(definition);
  });

  test('every spec field is documented', () => {
    for (const definition of KINDS) {
      const shape =
        'shape' in definition.spec ? (definition.spec.shape as Record<string, { description?: string }>) : {};
      for (const [field, schema] of Object.entries(shape)) {
        if (/^(tts|stt|embedding|rerank)Config$|^displayName$|^version$|^author$|^tags$/.test(field))
          continue;
        expect(schema.description, `${definition.kind}.spec.${field}`).toBeTruthy();
      }
    }
  });

  test('older spellings of a Shell', () => {
    expect(parse('Shell', { runtime: 'ClaudeCode', supportModel: [] })).toMatchObject({
      shellType: 'ClaudeCode',
      timeouts: { turnSeconds: 3600 },
      retry: { maxAttempts: 3 },
    });
  });

  test('older spellings of a Team', () => {
    const member = { role: 'leader', botRef: { name: 'b', namespace: 'default' }, prompt: '' };
    expect(parse('Team', { members: [member], collaborationModel: 'pipeline' })).toMatchObject({
      collaborationModel: 'pipeline',
    });
    expect(parse('Team', { members: [{ ...member, role: '' }], workflow: { mode: 'route' } })).toMatchObject({
      collaborationModel: 'route',
    });
    expect(parse('Team', { members: [member], recommended_mode: 'both', bind_mode: null })).toMatchObject({
      collaborationModel: 'solo',
    });
  });

  test('a Team has one leader at most and one member at least', () => {
    const member = { role: 'leader', botRef: { name: 'b' } };
    expect(() => parse('Team', { members: [member, member] })).toThrow(/at most one leader/);
    expect(() => parse('Team', { members: [] })).toThrow(/at least one member/);
  });

  test('environment values of a Model become text, headers become an object', () => {
    expect(
      parse('Model', {
        modelConfig: { env: { model: 'anthropic', MAX: 8000, ON: true, DEFAULT_HEADERS: '{"a":"b"}' } },
      }),
    ).toMatchObject({
      modelConfig: { env: { model: 'claude', MAX: '8000', ON: 'true', DEFAULT_HEADERS: { a: 'b' } } },
    });
  });

  test('MCP servers in either nesting, with older transport names', () => {
    const expected = { mcpServers: { docs: { type: 'http', url: 'https://example.org/mcp' } } };
    expect(
      parse('Ghost', {
        systemPrompt: 'x',
        mcpServers: { docs: { type: 'streamable-http', url: 'https://example.org/mcp' } },
      }),
    ).toMatchObject(expected);
    expect(
      parse('Ghost', {
        systemPrompt: 'x',
        mcpServers: { mcpServers: { docs: { url: 'https://example.org/mcp' } } },
      }),
    ).toMatchObject(expected);
  });

  test('unknown fields are refused', () => {
    expect(() => parse('Bot', { ghostRef: { name: 'g' }, shellRef: { name: 's' }, bogus: 1 })).toThrow(
      /bogus/,
    );
  });
});
