import { describe, expect, it } from 'vitest';
import { safeNext } from './safe-next.ts';

describe('safeNext', () => {
  it.each([
    ['/chat?task=1', '/chat?task=1'],
    ['/settings/keys#new', '/settings/keys#new'],
    [null, '/chat'],
    ['', '/chat'],
    ['/', '/chat'],
    ['/login?next=/login', '/chat'],
    ['/setup', '/chat'],
    ['https://evil.example/', '/chat'],
    ['//evil.example/', '/chat'],
    ['/\\evil.example', '/chat'],
    ['/\t/evil.example', '/chat'],
    ['javascript:alert(1)', '/chat'],
    ['chat', '/chat'],
  ])('%j leads to %j', (next, target) => {
    expect(safeNext(next)).toBe(target);
  });
});
