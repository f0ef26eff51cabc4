import { describe, expect, test } from 'vitest';
import { canonicalHost, egressProblem, parseAuthority } from './egress-rules.ts';

describe('egressProblem', () => {
  test.each([
    ['example.org', 'example.org', 443, true],
    ['example.org', 'example.org', 80, true],
    ['example.org', 'example.org', 22, false],
    ['example.org:22', 'example.org', 22, true],
    ['example.org:22', 'example.org', 443, false],
    ['Example.ORG', 'example.org', 443, true],
    ['example.org', 'www.example.org', 443, false],
    ['*.example.org', 'www.example.org', 443, true],
    ['*.example.org', 'a.b.example.org', 443, true],
    ['*.example.org', 'example.org', 443, false],
    ['*.example.org', 'evilexample.org', 443, false],
    ['*.example.org', '.example.org', 443, false],
    ['*.example.org:8443', 'www.example.org', 8443, true],
    ['*', 'example.org', 443, false],
    ['*.', 'example.org', 443, false],
    ['', 'example.org', 443, false],
    [':443', 'example.org', 443, false],
    ['[2001:db8::1]:443', '[2001:db8::1]', 443, true],
    ['bücher.example', 'xn--bcher-kva.example', 443, true],
  ])('the entry “%s” and %s:%i → %s', (entry, host, port, isAllowed) => {
    const problem = egressProblem({ network: 'allowlist', entries: [entry], host, port });
    expect(problem === undefined).toBe(isAllowed);
  });
});

test.each([
  ['EXAMPLE.org.', 'example.org'],
  ['2130706433', '127.0.0.1'],
  ['0x7f.1', '127.0.0.1'],
  ['[::FFFF:127.0.0.1]', '[::ffff:7f00:1]'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['a b', undefined],
  ['a/b', undefined],
  ['a@b', undefined],
  ['%65x', undefined],
  ['', undefined],
])('the host “%s” is %s', (host, expected) => {
  expect(canonicalHost(host)).toBe(expected);
});

test.each([
  ['example.org:443', { host: 'example.org', port: 443 }],
  ['[::1]:443', { host: '[::1]', port: 443 }],
  ['example.org', undefined],
  ['example.org:0', undefined],
  ['example.org:65536', undefined],
  ['a:b:1', undefined],
])('the authority %s', (authority, expected) => {
  expect(parseAuthority(authority)).toEqual(expected);
});
