import { useEffect, useState } from 'react';
import type { Mode } from '../theme/tokens.ts';

/** What became of a diagram. */
export type Diagram =
  | { status: 'waiting' }
  | { status: 'drawn'; url: string; width: number; height: number }
  | { status: 'broken'; why: string };

const WAITING: Diagram = { status: 'waiting' };

/** Draws Mermaid source as a picture, once it is complete. */
export function useDiagram({ code, mode, enabled }: { code: string; mode: Mode; enabled: boolean }): Diagram {
  const [diagram, setDiagram] = useState<Diagram>(WAITING);
  useEffect(() => {
    if (!enabled) return;
    let current = true;
    void import('./mermaid.ts')
      .then(({ drawDiagram }) => drawDiagram(code, mode))
      .then(
        (drawn) => {
          if (current) setDiagram({ status: 'drawn', ...drawn });
        },
        (error: unknown) => {
          if (current)
            setDiagram({ status: 'broken', why: error instanceof Error ? firstLine(error.message) : '' });
        },
      );
    return () => {
      current = false;
    };
  }, [code, mode, enabled]);
  return diagram;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
