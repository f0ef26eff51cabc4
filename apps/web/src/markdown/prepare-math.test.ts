import { describe, expect, it } from 'vitest';
import { mayHoldMath, prepareMath } from './prepare-math.ts';

describe('prepareMath', () => {
  it.each([
    ['no formula', 'plain', 'plain'],
    ['amounts of money', 'from $5 to $10', 'from \\$5 to \\$10'],
    ['a formula', 'so $x^2$ holds', 'so $x^2$ holds'],
    ['a formula beside money', '$x$ costs $5', '$x$ costs \\$5'],
    ['a formula of one letter', '$n$', '$n$'],
    ['brackets', 'so \\(x^2\\) holds', 'so $x^2$ holds'],
    ['display brackets', '\\[x\\]', '\n$$\nx\n$$\n'],
    ['a block', '$$\na $ b\n$$', '$$\na $ b\n$$'],
    ['a block being written', '$$\na', '$$\na'],
    ['code', 'run `echo $HOME $x` now', 'run `echo $HOME $x` now'],
    ['nested code', '- a\n  ```sh\n  $HOME $x\n  ```', '- a\n  ```sh\n  $HOME $x\n  ```'],
    ['what is escaped already', '\\$5', '\\$5'],
  ])('handles %s', (_, markdown, prepared) => {
    expect(prepareMath(markdown)).toBe(prepared);
  });

  it('knows when a formula may be there', () => {
    expect(mayHoldMath(prepareMath('from $5 to $10'))).toBe(false);
    expect(mayHoldMath(prepareMath('so \\(x\\)'))).toBe(true);
  });
});
