import { describe, expect, it } from 'vitest';
import { patternField, rememberedRule } from './pattern.ts';

// What the engine does with a rule: `*` is any run of characters, everything else is itself.
function fits(match: string | undefined, input: unknown): boolean {
  if (match === undefined) return true;
  const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${match.split('*').map(literal).join('.*')}$`, 's').test(JSON.stringify(input));
}

describe('rememberedRule', () => {
  const rule = (pattern: string, input: object) => rememberedRule('Bash', patternField(input), pattern);

  it('without a wildcard means exactly this command', () => {
    const { match } = rule('npm test', { command: 'npm test' });
    expect(fits(match, { command: 'npm test', description: 'x' })).toBe(true);
    expect(fits(match, { description: 'x', command: 'npm test' })).toBe(true);
    expect(fits(match, { command: 'npm test; rm -rf /' })).toBe(false);
    expect(fits(match, { command: 'npm tests' })).toBe(false);
  });

  it('takes quotation marks, backslashes and line breaks as they are', () => {
    const command = 'grep "a\\b" \n x';
    expect(fits(rule(command, { command }).match, { command })).toBe(true);
  });

  it('with a wildcard means what begins like this', () => {
    const { match } = rule('npm run *', { command: 'npm run build' });
    expect(fits(match, { command: 'npm run lint' })).toBe(true);
    expect(fits(match, { command: 'npx run' })).toBe(false);
  });

  it('is not fooled by another field that contains the words', () => {
    const { match } = rule('npm test', { command: 'npm test' });
    expect(fits(match, { command: 'rm -rf /', description: '"command":"npm test"' })).toBe(false);
  });

  it('names the tool alone where everything fits or there is nothing to compare', () => {
    expect(rule('*', { command: 'x' })).toEqual({ tool: 'Bash' });
    expect(rememberedRule('clock', patternField({ zone: 'UTC' }), '')).toEqual({ tool: 'clock' });
  });
});
