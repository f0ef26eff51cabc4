import { it } from 'vitest';
import { toDocuments } from './documents.ts';
it('x', () => {
  const doc = (i: number) => `kind: Ghost\nmetadata:\n  name: g${i}\nspec:\n  systemPrompt: |\n    line one of it\n    line two\n  skills: [a, b, c]\n---\n`;
  for (const [n, t] of [['1000 docs', Array.from({length: 1000}, (_, i) => doc(i)).join('')], ['3MB seq', `a: [${'x,'.repeat(1_500_000)}]`], ['3MB nested', '['.repeat(1_500_000)], ['3MB keys', Array.from({length: 200000}, (_, i) => `k${i}: v`).join('\n')], ['3MB docs', '---\n'.repeat(700000)]] as const) {
    const s = performance.now(); let r: string; try { r = String(toDocuments(t).length) } catch (e) { r = String(e).slice(0, 150) }
    console.log('T', n, t.length, (performance.now() - s).toFixed(0), 'ms', r);
  }
}, 200000);
