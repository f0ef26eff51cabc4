import { ApiError } from '@wegent/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMapping } from '../tree.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { pathsOf } from './field-set.ts';
import { readManagers } from './managed-fields.ts';
import { type OwnedType, trackUpdate } from './ownership.ts';

// Ownership as a child would keep it: a flat table of fields, each with a value and the names of its owners.
// `env.A` is that the item is there, `env.A.value` its content.
type Values = Map<string, number>;
interface Model {
  values: Values;
  owners: Map<string, Set<string>>;
}

const type: OwnedType = {
  group: 'example.org',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  definitions: {},
  schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          keep: { type: 'integer' },
          a: { type: 'integer' },
          deep: { type: 'object', properties: { b: { type: 'integer' }, c: { type: 'integer' } } },
          map: { type: 'object', additionalProperties: { type: 'integer' } },
          env: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: { type: 'object', properties: { name: { type: 'string' }, value: { type: 'integer' } } },
          },
          set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'integer' } },
          list: { type: 'array', items: { type: 'integer' } },
        },
      },
    },
  },
};

const FIELDS = ['a', 'deep.b', 'deep.c', 'map.x', 'map.y', 'env.A', 'env.B', 'set.1', 'set.2', 'list'];
const hasContent = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
const values = fc
  .record(Object.fromEntries(FIELDS.map((field) => [field, hasContent])), { noNullPrototype: true })
  .map((record): Values => {
    const table: Values = new Map();
    for (const [field, value] of Object.entries(record)) {
      if (value === undefined) continue;
      // 1 means an item without content, and members of sets have none.
      table.set(field, field.startsWith('env') || field.startsWith('set') ? 0 : value);
      if (field.startsWith('env') && value > 1) table.set(`${field}.value`, value);
    }
    return table;
  });
const step = fc.oneof(
  fc.record({
    op: fc.constant('apply' as const),
    manager: fc.constantFrom('m1', 'm2', 'm3'),
    values,
    force: fc.boolean(),
  }),
  fc.record({ op: fc.constant('update' as const), manager: fc.constantFrom('u1', 'u2', 'm1'), values }),
);

function documentOf(table: Values): Record<string, unknown> {
  const spec: Record<string, unknown> = {};
  for (const [field, value] of [...table].sort()) {
    const [head = '', name = ''] = field.split('.');
    if (head === 'env') {
      if (field.endsWith('.value')) continue;
      const content = table.get(`${field}.value`);
      spec.env = [
        ...((spec.env as unknown[]) ?? []),
        { name, ...(content === undefined ? {} : { value: content }) },
      ];
    } else if (head === 'set') spec.set = [...((spec.set as unknown[]) ?? []), Number(name)];
    else if (head === 'list') spec.list = [value, value];
    else if (name === '') spec[head] = value;
    else spec[head] = { ...((spec[head] as object | undefined) ?? {}), [name]: value };
  }
  return { apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name: 't' }, spec };
}

function tableOf(document: Record<string, unknown>): Values {
  const spec = isMapping(document.spec) ? document.spec : {};
  const table: Values = new Map();
  for (const [head, value] of Object.entries(spec)) {
    if (typeof value === 'number') table.set(head, value);
    else if (head === 'list') table.set('list', (value as number[])[0] ?? 0);
    else if (head === 'set') for (const item of value as number[]) table.set(`set.${item}`, 0);
    else if (head === 'env') {
      for (const item of value as { name: string; value?: number }[]) {
        table.set(`env.${item.name}`, 0);
        if (item.value !== undefined) table.set(`env.${item.name}.value`, item.value);
      }
    } else for (const [name, child] of Object.entries(value as object)) table.set(`${head}.${name}`, child);
  }
  return table;
}

function ownersIn(document: Record<string, unknown>, model: Model): Record<string, string[]> {
  const managers = readManagers(isMapping(document.metadata) ? document.metadata.managedFields : undefined);
  if (managers === undefined) throw new Error('managedFields cannot be read');
  const found: Record<string, string[]> = {};
  for (const manager of managers) {
    for (const path of pathsOf(manager.fields)) {
      const field = path
        .slice(1)
        .map((part) => (part.startsWith('k:') ? String(JSON.parse(part.slice(2)).name) : part.slice(2)))
        .join('.');
      // The model knows neither mappings as such nor the keys of items.
      if (model.values.has(field))
        found[field] = [...(found[field] ?? []), `${manager.operation} ${manager.name}`].sort();
    }
  }
  return found;
}

function applied(model: Model, manager: string, wanted: Values, force: boolean): Model | 'conflict' {
  const me = `Apply ${manager}`;
  const next: Model = { values: new Map(model.values), owners: new Map(model.owners) };
  for (const [field, value] of wanted) {
    const others = [...(model.owners.get(field) ?? [])].filter((owner) => owner !== me);
    const same = model.values.get(field) === value;
    if (!same && others.length > 0 && !force) return 'conflict';
    next.values.set(field, value);
    next.owners.set(field, new Set(same ? [...others, me] : [me]));
  }
  for (const [field, owners] of model.owners) {
    if (wanted.has(field) || !owners.has(me)) continue;
    const rest = [...owners].filter((owner) => owner !== me);
    next.owners.set(field, new Set(rest));
    if (rest.length === 0) forget(next, field);
  }
  return next;
}

function updated(model: Model, manager: string, wanted: Values): Model {
  const next: Model = { values: new Map(model.values), owners: new Map(model.owners) };
  for (const field of model.values.keys()) if (!wanted.has(field)) forget(next, field);
  for (const [field, value] of wanted) {
    if (model.values.get(field) === value) continue;
    next.values.set(field, value);
    next.owners.set(field, new Set([`Update ${manager}`]));
  }
  return next;
}

function forget(model: Model, field: string): void {
  for (const other of [...model.values.keys()]) {
    if (other !== field && !other.startsWith(`${field}.`)) continue;
    model.values.delete(other);
    model.owners.delete(other);
  }
}

describe('server-side apply against a table of owners', () => {
  it('has the same values, owners and conflicts after any sequence of writes', () => {
    let conflicts = 0;
    let removals = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const keep: Values = new Map([['keep', 1]]);
        let model: Model = { values: keep, owners: new Map([['keep', new Set(['Update creator'])]]) };
        let live: Record<string, unknown> & { metadata: object } = trackUpdate({
          type,
          next: { ...documentOf(keep), metadata: { name: 't' } },
          manager: 'creator',
          now: 0,
        });
        for (const [index, { op, manager, values: wanted, ...rest }] of steps.entries()) {
          const before = model.values.size;
          if (op === 'update') {
            const whole = new Map([...wanted, ...keep]);
            live = trackUpdate({
              type,
              live,
              next: { ...documentOf(whole), metadata: live.metadata },
              manager,
              now: index,
            });
            model = updated(model, manager, whole);
          } else {
            const force = 'force' in rest && rest.force;
            const expected = applied(model, manager, wanted, force);
            const frozen = structuredClone(live);
            try {
              const result = applyConfiguration({
                type,
                live,
                config: documentOf(wanted),
                manager,
                force,
                now: index,
              });
              expect(expected).not.toBe('conflict');
              if (!result.changed) expect(result.object).toBe(live);
              live = result.object as typeof live;
            } catch (error) {
              if (!(error instanceof ApiError)) throw error;
              expect(error.reason).toBe('Conflict');
              expect(error.details?.causes?.length).toBeGreaterThan(0);
              expect(expected).toBe('conflict');
              expect(live).toEqual(frozen);
              conflicts += 1;
            }
            if (expected !== 'conflict') model = expected;
          }
          if (model.values.size < before) removals += 1;
          expect(Object.fromEntries(tableOf(live))).toEqual(Object.fromEntries(model.values));
          expect(ownersIn(live, model)).toEqual(
            Object.fromEntries(
              [...model.owners]
                .filter(([, owners]) => owners.size > 0)
                .map(([field, owners]) => [field, [...owners].sort()]),
            ),
          );
          // What was applied once more by the same manager changes nothing.
          if (op === 'apply' && index === steps.length - 1) {
            const again = applyConfiguration({
              type,
              live,
              config: documentOf(wanted),
              manager,
              force: true,
              now: 99,
            });
            const twice = applyConfiguration({
              type,
              live: again.object,
              config: documentOf(wanted),
              manager,
              force: false,
              now: 100,
            });
            expect(twice).toEqual({ object: again.object, changed: false });
          }
        }
      }),
      { numRuns: 200, seed: 2026 },
    );
    // The sequences did meet what they are about.
    expect(conflicts).toBeGreaterThan(50);
    expect(removals).toBeGreaterThan(50);
  }, 60_000);
});
