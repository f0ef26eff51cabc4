import { useEffect, useState } from 'react';
import type rehypeKatex from 'rehype-katex';

/** Draws formulas. */
export type MathPlugin = typeof rehypeKatex;

/** `trust: false` refuses `\href`, `\includegraphics` and HTML in formulas; the limits stop formulas that never end. */
export const KATEX_OPTIONS = {
  trust: false,
  strict: 'ignore',
  maxExpand: 500,
  maxSize: 20,
  errorColor: 'var(--wg-error)',
} as const;

let loaded: MathPlugin | undefined;

/** The renderer for formulas, once it is needed and there. */
export function useMath(needed: boolean): MathPlugin | undefined {
  const [plugin, setPlugin] = useState<MathPlugin | undefined>(() => loaded);
  useEffect(() => {
    if (!needed || plugin) return;
    let current = true;
    void import('./math.ts').then(
      (module) => {
        loaded = module.default;
        if (current) setPlugin(() => module.default);
      },
      // Without the renderer the formula stays readable as it was written.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [needed, plugin]);
  return plugin;
}
