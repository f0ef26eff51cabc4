import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  difference,
  type FieldSet,
  fromFieldsV1,
  intersection,
  NO_FIELDS,
  pathsOf,
  pathText,
  sameFields,
  toFieldsV1,
  union,
} from './field-set.ts';

const path = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:1', 'f:.'), {
  minLength: 1,
  maxLength: 4,
});
const ofOne = (steps: readonly string[]): FieldSet =>
  steps.reduceRight<FieldSet>((below, step) => ({ member: false, children: new Map([[step, below]]) }), {
    member: true,
    children: new Map(),
  });
const set = fc.array(path, { maxLength: 6 }).map((paths) => paths.map(ofOne).reduce(union, NO_FIELDS));
const names = (fields: FieldSet) =>
  pathsOf(fields)
    .map((steps) => steps.join(' '))
    .sort();

describe('field sets', () => {
  it('are sets', () => {
    fc.assert(
      fc.property(set, set, (left, right) => {
        const a = new Set(names(left));
        const b = new Set(names(right));
        expect(names(union(left, right))).toEqual([...a.union(b)].sort());
        expect(names(difference(left, right))).toEqual([...a.difference(b)].sort());
        expect(names(intersection(left, right))).toEqual([...a.intersection(b)].sort());
        expect(sameFields(left, right)).toBe(a.symmetricDifference(b).size === 0);
      }),
      { seed: 1 },
    );
  });

  it('come back from FieldsV1 as they were', () => {
    fc.assert(
      fc.property(
        set.filter((fields) => fields.children.size > 0),
        (fields) => {
          const read = fromFieldsV1(JSON.parse(JSON.stringify(toFieldsV1(fields))));
          expect(read && names(read)).toEqual(names(fields));
        },
      ),
      { seed: 2 },
    );
  });

  it('read other spellings of the same step', () => {
    const read = fromFieldsV1({ 'f:env': { 'k:{ "b": 1,\n"a": "x" }': { '.': {} } } });
    expect(read && names(read)).toEqual(['f:env k:{"a":"x","b":1}']);
  });

  it.each([
    [1],
    [[]],
    [{ x: {} }],
    [{ 'k:nope': {} }],
    [{ 'k:[]': {} }],
    [{ 'v:': {} }],
    [{ 'i:x': {} }],
    [{ 'f:': {} }],
    [{ 'f:a': 1 }],
  ])('do not read %j', (fields) => {
    expect(fromFieldsV1(fields)).toBeUndefined();
  });

  it('do not read what is nested without end', () => {
    const deep = JSON.parse(`${'{"f:a":'.repeat(100_000)}{}${'}'.repeat(100_000)}`);
    expect(fromFieldsV1(deep)).toBeUndefined();
  });

  it('have paths for people', () => {
    expect(pathText(['f:spec', 'f:env', 'k:{"name":"A","port":1}', 'f:value'])).toBe(
      '.spec.env[name="A",port=1].value',
    );
    expect(pathText(['f:tools', 'v:"read"'])).toBe('.tools[="read"]');
  });
});
