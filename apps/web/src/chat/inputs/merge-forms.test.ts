import type { InputField, MemberInputForm } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { faultsOf, filledValues, mergeFields, startValues } from './merge-forms.ts';

const field = (variable: string, more: Partial<InputField> = {}): InputField => ({
  variable,
  label: variable,
  control: 'text',
  required: false,
  options: [],
  ...more,
});
const application = (member: string, ...fields: InputField[]): MemberInputForm => ({
  member,
  model: member,
  form: { name: member, fields },
});

describe('the form of several applications', () => {
  it('asks for a variable once, and needs it when one of them does', () => {
    const merged = mergeFields([
      application('a', field('city'), field('tone')),
      application('b', field('city', { required: true })),
      { member: 'c', model: 'c', error: { reason: 'ModelAuth', message: 'no' } },
    ]);
    expect(merged.map(({ variable, required }) => [variable, required])).toEqual([
      ['city', true],
      ['tone', false],
    ]);
  });

  it('begins with what was given before, then with presets, never with files', () => {
    const fields = [field('city', { preset: 'Ulm' }), field('tone', { preset: 'plain' }), field('photo')];
    expect(startValues(fields, { city: 'Bonn', photo: ['id'], old: 'x' })).toEqual({
      city: 'Bonn',
      tone: 'plain',
    });
  });

  it('names what is wrong and sends what is filled in', () => {
    const fields = [field('city', { required: true }), field('count', { control: 'number' }), field('note')];
    const values = { count: 'many', note: '', other: 'x' };
    expect([...faultsOf(fields, values)].map(([variable, { code }]) => [variable, code])).toEqual([
      ['city', 'required'],
      ['count', 'number'],
    ]);
    expect(filledValues(fields, { city: 'Bonn', count: 0, note: '', other: 'x' })).toEqual({
      city: 'Bonn',
      count: 0,
    });
  });
});
