import { describe, expect, it } from 'vitest';
import { parsePatch } from './parse-patch.ts';

const patch = `diff --git a/src/a.ts b/src/a.ts
index 1111111..2222222 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -3,4 +3,4 @@ function greet()
 one
-two
+zwei
 three
 four
@@ -20 +20,2 @@
-old
+new
+newer
\\ No newline at end of file
`;

describe('parsePatch', () => {
  it('numbers the lines of each side', () => {
    const { hunks, binary } = parsePatch(patch);
    expect(binary).toBe(false);
    expect(hunks.map(({ section }) => section)).toEqual(['function greet()', '']);
    expect(hunks[0]?.lines).toEqual([
      { type: 'context', text: 'one', oldLine: 3, newLine: 3 },
      { type: 'delete', text: 'two', oldLine: 4 },
      { type: 'add', text: 'zwei', newLine: 4 },
      { type: 'context', text: 'three', oldLine: 5, newLine: 5 },
      { type: 'context', text: 'four', oldLine: 6, newLine: 6 },
    ]);
    expect(hunks[1]?.lines).toEqual([
      { type: 'delete', text: 'old', oldLine: 20 },
      { type: 'add', text: 'new', newLine: 20 },
      { type: 'add', text: 'newer', newLine: 21 },
    ]);
  });

  it('is not led astray by text that looks like a head or a binary file', () => {
    const tricky = `@@ -1,2 +1,2 @@
-@@ -9,9 +9,9 @@
-Binary files a and b differ
+-- a
+++ b
`;
    const { hunks, binary } = parsePatch(tricky);
    expect(binary).toBe(false);
    expect(hunks).toHaveLength(1);
    expect(hunks[0]?.lines.map(({ type, text }) => `${type} ${text}`)).toEqual([
      'delete @@ -9,9 +9,9 @@',
      'delete Binary files a and b differ',
      'add -- a',
      'add ++ b',
    ]);
  });

  it('knows binary files and understands nothing else in what is no patch', () => {
    expect(parsePatch('diff --git a/x b/x\nBinary files a/x and b/x differ\n')).toEqual({
      hunks: [],
      binary: true,
    });
    expect(parsePatch('<html>oops</html>')).toEqual({ hunks: [], binary: false });
  });
});
