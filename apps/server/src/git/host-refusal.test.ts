import { describe, expect, test } from 'vitest';
import { failureOf, type Refusal, unreachable } from './host-refusal.ts';

const TOKEN = 'token-that-is-secret';
const NOW = Date.parse('2026-01-01T00:00:00Z');
const refused = (given: Partial<Refusal>) =>
  failureOf({
    domain: 'git.example.org',
    name: 'GitHub',
    token: TOKEN,
    status: 500,
    headers: new Headers(),
    text: '',
    what: 'repository "a/b"',
    scope: 'repo',
    now: NOW,
    ...given,
  });

test('a wrong token does not sign out the reader of the platform', () => {
  const failure = refused({ status: 401, text: '{"message":"Bad credentials"}' });
  expect(failure.code).toBe(403);
  expect(failure.message).toContain('Bad credentials');
  expect(failure.message).toContain('Settings → Git hosts');
});

test.each([
  [
    'GitHub',
    { headers: new Headers({ 'x-accepted-oauth-scopes': 'repo, public_repo' }) },
    'repo, public_repo',
  ],
  [
    'GitHub, fine-grained',
    { headers: new Headers({ 'x-accepted-github-permissions': 'pull_requests=write' }) },
    'pull_requests=write',
  ],
  ['GitLab', { text: '{"error":"insufficient_scope","scope":"api read_api"}' }, 'api read_api'],
  [
    'Gitea',
    {
      text: '{"message":"token does not have at least one of required scope(s), required=[write:repository], token scope=read:user"}',
    },
    'write:repository',
  ],
  ['a host that is silent', {}, 'repo'],
])('names the scope as %s does', (_host, given, scope) => {
  const failure = refused({ status: 403, ...given });
  expect(failure.kind).toBe('forbidden');
  expect(failure.message).toContain(`the scope ${scope}`);
});

describe('limits', () => {
  test.each([
    [429, { 'retry-after': '30' }, 30],
    [429, { 'retry-after': new Date(NOW + 90_000).toUTCString() }, 90],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 600) }, 600],
    [403, { 'retry-after': '60' }, 60],
    [429, { 'ratelimit-reset': '1' }, 1],
    [429, { 'retry-after': '99999999' }, 86_400],
    [429, {}, 60],
  ])('%i with %j', (status, headers, seconds) => {
    const failure = refused({ status, headers: new Headers(headers) });
    expect(failure.code).toBe(429);
    expect(failure.details?.retryAfterSeconds).toBe(seconds);
  });
});

test('says what the host said, without the token and in one line', () => {
  const text = JSON.stringify({
    message: 'Validation Failed',
    errors: [{ message: `exists\nalready for ${TOKEN} \u001b[31m` }],
  });
  const failure = refused({ status: 422, text });
  expect(failure.code).toBe(422);
  expect(failure.message).toContain('Validation Failed; exists already for …');
  expect(failure.message).not.toContain(TOKEN);
  expect(failure.message).not.toMatch(/\p{Cc}/u);
  expect(
    refused({ status: 400, text: '{"message":{"target_branch":["does not exist"]}}' }).message,
  ).toContain('target_branch does not exist');
  expect(refused({ status: 502, text: '<html>'.repeat(10_000) }).message.length).toBeLessThan(200);
});

test('says why a host is not reached, and quotes no address with a token in it', () => {
  const url = new URL(`https://gitee.com/api/v5/user?access_token=${TOKEN}`);
  const code = (value: string) => Object.assign(new Error(`failed for ${url}`), { code: value });
  const failures = [
    unreachable(url, code('ECONNREFUSED')),
    unreachable(url, code('DEPTH_ZERO_SELF_SIGNED_CERT')),
    unreachable(url, Object.assign(new Error(url.href), { name: 'TimeoutError' })),
    unreachable(url, Object.assign(new Error(url.href), { name: 'OutboundRefused' })),
    unreachable(url, url.href),
  ];
  expect(failures.map(({ kind }) => kind)).toEqual([
    'unreachable',
    'unreachable',
    'unreachable',
    'private',
    'unreachable',
  ]);
  for (const failure of failures) {
    expect(failure.message).toContain('gitee.com');
    expect(`${failure.stack}${JSON.stringify(failure)}${String(failure.cause)}`).not.toContain(TOKEN);
  }
});
