import type { ResourceObject } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';
import { decodeContinue, encodeContinue } from './lists.ts';
import { matchLabels } from './selectors.ts';
import { bookmark, selectChange, watchLine } from './watch.ts';

const selector = parseLabelSelector('tier=a');
const selects = (object: ResourceObject) => matchLabels(selector, object.metadata.labels);
const at = (resourceVersion: string, tier: string): ResourceObject => ({
  apiVersion: 'agent.wecode.io/v1',
  kind: 'Ghost',
  metadata: { name: 'g', namespace: 'n', resourceVersion, labels: { tier } },
  spec: {},
});

describe('selectChange', () => {
  it('turns a change of selection into ADDED and DELETED', () => {
    const seen = (
      type: 'ADDED' | 'MODIFIED' | 'DELETED',
      object: ResourceObject,
      previous?: ResourceObject,
    ) =>
      selectChange(
        { type, resourceVersion: Number(object.metadata.resourceVersion), object, previous },
        selects,
      );
    expect(seen('ADDED', at('1', 'a'))).toEqual({ type: 'ADDED', object: at('1', 'a') });
    expect(seen('ADDED', at('1', 'b'))).toBeUndefined();
    expect(seen('MODIFIED', at('2', 'a'), at('1', 'a'))).toEqual({ type: 'MODIFIED', object: at('2', 'a') });
    expect(seen('MODIFIED', at('2', 'a'), at('1', 'b'))).toEqual({ type: 'ADDED', object: at('2', 'a') });
    expect(seen('MODIFIED', at('2', 'b'), at('1', 'a'))).toEqual({ type: 'DELETED', object: at('2', 'a') });
    expect(seen('MODIFIED', at('2', 'b'), at('1', 'b'))).toBeUndefined();
    expect(seen('DELETED', at('3', 'a'), at('2', 'a'))).toEqual({ type: 'DELETED', object: at('3', 'a') });
    expect(seen('DELETED', at('3', 'b'), at('2', 'b'))).toBeUndefined();
  });

  it('frames one event a line', () => {
    expect(watchLine(bookmark('Ghost', 7, true))).toBe(
      '{"type":"BOOKMARK","object":{"kind":"Ghost","apiVersion":"agent.wecode.io/v1","metadata":{"resourceVersion":"7","creationTimestamp":null,"annotations":{"k8s.io/initial-events-end":"true"}}}}\n',
    );
  });
});

describe('continue tokens', () => {
  it('come back as they were written', () => {
    const key = { rv: 12, after: { namespace: 'a.b', name: 'C-1_x' } };
    expect(encodeContinue(key)).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeContinue(encodeContinue(key))).toEqual(key);
  });

  it.each(['', 'x', '!!', btoa('{}'), btoa('{"rv":-1,"after":{"namespace":"a","name":"b"}}')])(
    'refuses %j',
    (token) => {
      expect(() => decodeContinue(token)).toThrow('continue token is not valid');
    },
  );
});
