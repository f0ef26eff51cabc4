import { expect, it } from 'vitest';
import { compactOutput, limitOutput } from './tool-output.ts';

it('shows text as text, and no bytes', () => {
  expect(
    compactOutput({
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    }),
  ).toBe('a\nb');
  expect(compactOutput({ content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }] })).toEqual([
    { type: 'image', mimeType: 'image/png', data: '4 characters of base64' },
  ]);
  expect(compactOutput({ other: 1 })).toEqual({ other: 1 });
  expect(compactOutput(undefined)).toBeNull();
});

it('cuts what is too long', () => {
  const { content } = limitOutput({ content: [{ type: 'text', text: 'x'.repeat(200_005) }] });
  expect(content[0]?.text).toMatch(/x\n\[cut off: 5 more characters\]$/);
});
