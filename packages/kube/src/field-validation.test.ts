import { validateHeaderValue } from 'node:http';
import { describe, expect, it } from 'vitest';
import { unknownFields, validateFields } from './field-validation.ts';
import { type JsonSchema, referenceTo } from './json-schema.ts';
import { META_DEFINITIONS, OBJECT_META } from './meta-schemas.ts';
import { warningHeaders } from './warnings.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    metadata: referenceTo(OBJECT_META),
    spec: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        items: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
        servers: {
          type: 'object',
          additionalProperties: {
            anyOf: [
              { type: 'object', properties: { command: { type: 'string' } } },
              { type: 'object', properties: { url: { type: 'string' } } },
            ],
          },
        },
        free: { type: 'object', additionalProperties: {} },
        text: { anyOf: [{ type: 'string' }, { type: 'object', additionalProperties: { type: 'string' } }] },
        tree: referenceTo('org.Tree'),
      },
    },
  },
};
const tree: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, children: { type: 'array', items: referenceTo('org.Tree') } },
};
const scope = { schema, definitions: { ...META_DEFINITIONS, 'org.Tree': tree } };
const document = {
  metadata: { name: 'x', labels: { any: '1' }, colour: 'red', ownerReferences: [{ uid: 'u', more: 1 }] },
  spec: {
    name: 'x',
    bogus: { deep: 1 },
    items: [{ a: '1' }, { b: 2 }],
    servers: { one: { url: 'u', command: 'c', q: 1 } },
    free: { anything: { goes: 1 } },
    text: { any: 'key' },
    tree: { name: 'r', children: [{ name: 'c', nope: 1 }] },
  },
  toString: 1,
};
const FOUND = [
  'metadata.colour',
  'metadata.ownerReferences[0].more',
  'spec.bogus',
  'spec.items[1].b',
  'spec.servers.one.q',
  'spec.tree.children[0].nope',
  'toString',
];
const options = { kind: 'Thing', version: 'v1', scope };

describe('validateFields', () => {
  it('finds what the schema does not have, at whatever depth', () => {
    expect(unknownFields(document, scope)).toEqual(FOUND);
  });

  it('refuses it, drops it with a warning, or just drops it', () => {
    expect(() => validateFields(document, { ...options, fieldValidation: 'Strict' })).toThrow(
      expect.objectContaining({
        reason: 'BadRequest',
        message: `Thing in version "v1" cannot be handled as a Thing: strict decoding error: ${FOUND.map((field) => `unknown field "${field}"`).join(', ')}`,
      }),
    );
    const warned = validateFields(document, { ...options, fieldValidation: 'Warn' });
    expect(warned.warnings).toEqual(FOUND.map((field) => `unknown field "${field}"`));
    expect(unknownFields(warned.document, scope)).toEqual([]);
    expect(warned.document).toMatchObject({
      spec: { items: [{ a: '1' }, {}], free: { anything: { goes: 1 } } },
    });
    expect(validateFields(document, { ...options, fieldValidation: 'Ignore' })).toEqual({
      document: warned.document,
      warnings: [],
    });
  });

  it('leaves what it does not look into to others', () => {
    for (const value of [null, 'x', [1], { spec: 'x' }, { spec: [{}] }])
      expect(validateFields(value, { ...options, fieldValidation: 'Strict' }).document).toEqual(value);
  });
});

describe('warningHeaders', () => {
  it('are what HTTP allows in a header', () => {
    const headers = warningHeaders(['unknown field "spec.a"', 'a\\b', 'ü\r\nSet-Cookie: x\0\u0085', '中']);
    expect(headers).toEqual([
      '299 - "unknown field \\"spec.a\\""',
      '299 - "a\\\\b"',
      '299 - "Ã¼ Set-Cookie: x "',
      '299 - "\u00e4\u00b8\u00ad"',
    ]);
    for (const header of headers) expect(() => validateHeaderValue('warning', header)).not.toThrow();
    expect(warningHeaders(new Array(100).fill('x'))).toHaveLength(20);
    expect(warningHeaders(['"'.repeat(1_000_000)])[0]?.length).toBeLessThan(4096);
  });
});
