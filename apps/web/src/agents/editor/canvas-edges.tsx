import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { CanvasEdge, CanvasLayout, CanvasNode } from './canvas-layout.ts';

/** The lines of a Team's drawing, each from border to border. */
export function CanvasEdges({
  layout,
  node,
  person,
  compact = false,
}: {
  layout: CanvasLayout;
  /** How large a member is. */
  node: { width: number; height: number };
  /** Radius of the person who asks. */
  person: number;
  /** Small tips, for members that stand close to each other. */
  compact?: boolean;
}) {
  const { t } = useTranslation('agents');
  const tip = useId();
  const nodes = new Map(layout.nodes.map((one) => [one.id, one]));
  return (
    <svg
      width={layout.width}
      height={layout.height}
      aria-hidden="true"
      focusable="false"
      className="absolute inset-0"
    >
      <defs>
        <marker
          id={tip}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth={compact ? 6 : 8}
          markerHeight={compact ? 6 : 8}
          orient="auto-start-reverse"
        >
          <path d="M0 0.5 8 4 0 7.5z" fill="var(--wg-faint)" />
        </marker>
      </defs>
      {layout.edges.map((edge) => {
        const from = nodes.get(edge.from);
        const to = nodes.get(edge.to);
        if (!from || !to) return null;
        const line = lineOf({ from, to, node, person });
        return (
          <Line key={`${edge.from} ${edge.to}`} edge={edge} line={line} tip={tip} gate={t('canvas.waits')} />
        );
      })}
    </svg>
  );
}

interface Ends {
  start: { x: number; y: number };
  end: { x: number; y: number };
}

function Line({
  edge,
  line: { start, end },
  tip,
  gate,
}: {
  edge: CanvasEdge;
  line: Ends;
  tip: string;
  gate: string;
}) {
  const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  return (
    <>
      <path
        d={`M${start.x} ${start.y}L${end.x} ${end.y}`}
        fill="none"
        stroke="var(--wg-faint)"
        strokeWidth="1.5"
        {...(edge.look === 'dashed' ? { strokeDasharray: '4 4' } : {})}
        {...(edge.look === 'both' ? { markerStart: `url(#${tip})` } : {})}
        markerEnd={`url(#${tip})`}
      />
      {edge.gate && (
        <g transform={`translate(${middle.x} ${middle.y})`}>
          <title>{gate}</title>
          <circle r="9" fill="var(--wg-raised)" stroke="var(--wg-warning)" strokeWidth="1.5" />
          <path
            d="M-2.5 -3.5V3.5M2.5 -3.5V3.5"
            stroke="var(--wg-warning)"
            strokeWidth="2"
            strokeLinecap="round"
          />
        </g>
      )}
    </>
  );
}

function lineOf({
  from,
  to,
  node,
  person,
}: {
  from: CanvasNode;
  to: CanvasNode;
  node: { width: number; height: number };
  person: number;
}): Ends {
  const border = (one: CanvasNode, towards: CanvasNode) => {
    const dx = towards.x - one.x;
    const dy = towards.y - one.y;
    const length = Math.hypot(dx, dy) || 1;
    const reach =
      one.member === undefined
        ? person / length
        : Math.min(
            dx === 0 ? Number.POSITIVE_INFINITY : node.width / 2 / Math.abs(dx),
            dy === 0 ? Number.POSITIVE_INFINITY : node.height / 2 / Math.abs(dy),
          );
    // A little air between the box and the tip of the arrow.
    const part = reach + 3 / length;
    return { x: one.x + dx * part, y: one.y + dy * part };
  };
  return { start: border(from, to), end: border(to, from) };
}
