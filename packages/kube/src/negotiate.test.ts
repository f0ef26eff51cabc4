import { describe, expect, it } from 'vitest';
import { bodyEncoding, type Form, negotiate, patchTypeOf } from './negotiate.ts';

const TABLE =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const forms: Form[] = ['Object', 'Table', 'PartialObjectMetadataList'];

describe('negotiate', () => {
  it.each([
    [undefined, 'json', 'Object', 'v1'],
    ['', 'json', 'Object', 'v1'],
    ['*/*', 'json', 'Object', 'v1'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'json', 'Object', 'v1'],
    ['application/json', 'json', 'Object', 'v1'],
    ['Application/JSON; charset=utf-8', 'json', 'Object', 'v1'],
    ['application/yaml', 'yaml', 'Object', 'v1'],
    ['application/json;q=0.5,application/yaml', 'yaml', 'Object', 'v1'],
    ['application/yaml;q=0,application/json', 'json', 'Object', 'v1'],
    [`${TABLE},application/json`, 'json', 'Table', 'v1'],
    ['application/json;as=Table;v=v1beta1;g=meta.k8s.io', 'json', 'Table', 'v1beta1'],
    [`${PROTOBUF},application/json`, 'json', 'Object', 'v1'],
    [
      `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json`,
      'json',
      'PartialObjectMetadataList',
      'v1',
    ],
    ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json', 'json', 'Object', 'v1'],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', 'json', 'Object', 'v1'],
    ['application/json;as=Table;v=v1;g=other,application/json', 'json', 'Object', 'v1'],
  ])('%s', (accept, encoding, form, metaVersion) => {
    expect(negotiate(accept, forms)).toEqual({
      encoding,
      form,
      metaVersion,
      contentType: `application/${encoding}`,
    });
  });

  it.each([
    PROTOBUF,
    'text/html',
    'application/json;as=Table;v=v9;g=meta.k8s.io',
    'application/json;q=0',
    ',;,=;q=x',
  ])('refuses %s alone', (accept) => {
    const answer = () => negotiate(accept, forms);
    expect(answer).toThrow(expect.objectContaining({ reason: 'NotAcceptable', code: 406 }));
  });
});

describe('content types', () => {
  it.each([
    [undefined, 'json'],
    ['application/json;charset=UTF-8', 'json'],
    ['application/yaml', 'yaml'],
    [PROTOBUF, 'protobuf'],
  ])('of bodies: %s is %s', (contentType, encoding) => {
    expect(bodyEncoding(contentType)).toBe(encoding);
  });

  it.each([
    ['application/json-patch+json', 'json'],
    ['application/merge-patch+json; charset=utf-8', 'merge'],
    ['application/strategic-merge-patch+json', 'strategic'],
    ['application/apply-patch+yaml', 'apply'],
  ])('of patches: %s is %s', (contentType, type) => {
    expect(patchTypeOf(contentType)).toBe(type);
  });

  it('refuse others and say what is taken', () => {
    expect(() => bodyEncoding('text/plain')).toThrow('application/yaml');
    expect(() => patchTypeOf('application/json')).toThrow('application/merge-patch+json');
    expect(() => patchTypeOf(undefined)).toThrow(expect.objectContaining({ reason: 'UnsupportedMediaType' }));
  });
});
