import { ApiError } from '@wegent/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { managerOfUserAgent } from './field-manager.ts';
import { parseExecOptions, parseLogOptions } from './pod-options.ts';
import { isSet } from './query-parameters.ts';
import { decideVersion } from './version-rule.ts';

const query = (text: string) => new URLSearchParams(text);

describe('isSet', () => {
  it.each([
    ['', false],
    ['watch=true', true],
    ['watch=True', true],
    ['watch=1', true],
    ['watch', true],
    ['watch=yes', true],
    ['watch=false', false],
    ['watch=0', false],
  ])('%s is %s', (text, expected) => {
    expect(isSet(query(text), 'watch')).toBe(expected);
  });
});

describe('managerOfUserAgent', () => {
  it.each([
    ['kubectl/v1.33.0 (linux/amd64)', 'kubectl'],
    ['Mozilla\u0000é/5.0', 'Mozilla'],
    ['', 'unknown'],
    [undefined, 'unknown'],
  ])('takes the manager from the user agent %s', (userAgent, manager) => {
    expect(managerOfUserAgent(userAgent)).toBe(manager);
  });
});

describe('decideVersion', () => {
  const list = { watch: false };
  const watch = { watch: true };
  const silent = { watch: true, sendInitialEvents: false };
  const state = { current: 100, floor: 50 };

  it.each([
    [{ ...list, resourceVersion: '' }, { start: 'current' }],
    [{ ...list, resourceVersion: '40' }, { start: 'current' }],
    [{ ...list, resourceVersion: '100', resourceVersionMatch: 'Exact' as const }, { start: 'current' }],
    [{ ...watch, resourceVersion: '' }, { start: 'current' }],
    [{ ...watch, resourceVersion: '0' }, { start: 'current' }],
    [
      { ...silent, resourceVersion: '' },
      { start: 'after', version: 100 },
    ],
    [
      { ...silent, resourceVersion: '0' },
      { start: 'after', version: 100 },
    ],
    [
      { ...silent, resourceVersion: '60' },
      { start: 'after', version: 60 },
    ],
    [
      { ...watch, resourceVersion: '50' },
      { start: 'after', version: 50 },
    ],
    [
      { ...watch, resourceVersion: '100' },
      { start: 'after', version: 100 },
    ],
    [{ watch: true, sendInitialEvents: true, resourceVersion: '40' }, { start: 'current' }],
  ])('%j', (options, expected) => {
    expect(decideVersion(options, state)).toEqual(expected);
  });

  it.each([
    [{ ...watch, resourceVersion: '49' }, 'Expired', 410],
    [{ ...list, resourceVersion: '99', resourceVersionMatch: 'Exact' as const }, 'Expired', 410],
    [{ ...watch, resourceVersion: '101' }, 'Timeout', 504],
    [{ ...list, resourceVersion: '101' }, 'Timeout', 504],
    [{ ...list, resourceVersion: '-1' }, 'BadRequest', 400],
    [{ ...list, resourceVersion: '007' }, 'BadRequest', 400],
    [{ ...watch, resourceVersion: 'x' }, 'BadRequest', 400],
  ])('refuses %j', (options, reason, code) => {
    expect(() => decideVersion(options, state)).toThrow(expect.objectContaining({ reason, code }));
  });
});

describe('options of pods', () => {
  it('of logs', () => {
    expect(
      parseLogOptions(
        query('container=agent&follow=true&tailLines=0&sinceSeconds=60&timestamps=true'),
        100_000,
      ),
    ).toEqual({
      container: 'agent',
      follow: true,
      previous: false,
      timestamps: true,
      tailLines: 0,
      since: 40_000,
    });
    expect(parseLogOptions(query('sinceTime=2026-01-01T00:00:00Z&limitBytes=5'), 0)).toMatchObject({
      since: Date.parse('2026-01-01T00:00:00Z'),
      limitBytes: 5,
    });
    for (const text of [
      'tailLines=-1',
      'limitBytes=0',
      'sinceSeconds=0',
      'sinceSeconds=x',
      'sinceTime=never',
      'sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z',
    ])
      expect(() => parseLogOptions(query(text), 0)).toThrow(expect.objectContaining({ reason: 'Invalid' }));
  });

  it('of shells', () => {
    expect(
      parseExecOptions(query('command=sh&command=-c&command=ls&stdin=true&stdout=true&stderr=true&tty=true')),
    ).toEqual({
      container: '',
      command: ['sh', '-c', 'ls'],
      stdin: true,
      stdout: true,
      stderr: false,
      tty: true,
    });
    expect(parseExecOptions(query('stdout=1'), 'attach').command).toEqual([]);
    expect(() => parseExecOptions(query('stdout=1'))).toThrow('at least one command');
    expect(() => parseExecOptions(query('command=ls'))).toThrow('at least 1 of stdin, stdout, stderr');
  });
});

describe('all of them', () => {
  it('never fail but with an error of the client', () => {
    const name = fc.constantFrom(
      'limit',
      'watch',
      'dryRun',
      'force',
      'fieldManager',
      'resourceVersion',
      'resourceVersionMatch',
      'sendInitialEvents',
      'timeoutSeconds',
      'tailLines',
      'sinceTime',
      'propagationPolicy',
      'orphanDependents',
    );
    const parameters = fc.array(
      fc.tuple(name, fc.oneof(fc.constantFrom('', '0', '1', 'true', 'All', 'Exact', '-1'), fc.string())),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(parameters, (given) => {
        const search = new URLSearchParams(given);
        for (const parse of [() => parseLogOptions(search, 0), () => parseExecOptions(search)]) {
          try {
            parse();
          } catch (error) {
            if (!(error instanceof ApiError) || error.reason === 'InternalError') throw error;
          }
        }
      }),
      { numRuns: 500, seed: 4 },
    );
  }, 60_000);
});
