import { useEffect, useState } from 'react';
import type { MathPlugin } from './prose-options.ts';

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
