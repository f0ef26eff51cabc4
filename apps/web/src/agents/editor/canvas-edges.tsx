import { useTranslation } from 'react-i18next';
import { type CanvasEdge, type CanvasLayout, type CanvasNode, NODE } from './canvas-layout.ts';

const PERSON_RADIUS = 22;

/** The lines of the drawing, each from border to border. */
export function CanvasEdges({ layout }: { layout: CanvasLayout }) {
  const { t } = useTranslation('agents');
  const nodes = new Map(layout.nodes.map((node) => [node.id, node]));
  return (
    <svg
      width={layout.width}
      height={layout.height}
      aria-hidden="true"
      focusable="false"
      className="absolute inset-0 text-line-strong"
    >
      <defs>
        <marker
          id="canvas-tip"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto-start-reverse"
        >
          <path d="M0 0.5 8 4 0 7.5z" fill="var(--wg-faint)" />
        </marker>
      </defs>
      {layout.edges.map((edge) => {
        const from = nodes.get(edge.from);
        const to = nodes.get(edge.to);
        if (!from || !to) return null;
        return (
          <Edge key={`${edge.from} ${edge.to}`} edge={edge} from={from} to={to} gate={t('canvas.waits')} />
        );
      })}
    </svg>
  );
}

function Edge({
  edge,
  from,
  to,
  gate,
}: {
  edge: CanvasEdge;
  from: CanvasNode;
  to: CanvasNode;
  gate: string;
}) {
  const start = border(from, to);
  const end = border(to, from);
  const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  return (
    <>
      <path
        d={`M${start.x} ${start.y}L${end.x} ${end.y}`}
        fill="none"
        stroke="var(--wg-faint)"
        strokeWidth="1.5"
        {...(edge.look === 'dashed' ? { strokeDasharray: '4 4' } : {})}
        {...(edge.look === 'both' ? { markerStart: 'url(#canvas-tip)' } : {})}
        markerEnd="url(#canvas-tip)"
      />
      {edge.gate && (
        <g transform={`translate(${middle.x} ${middle.y})`}>
          <title>{gate}</title>
          <circle r="11" fill="var(--wg-raised)" stroke="var(--wg-warning)" strokeWidth="1.5" />
          <path
            d="M-3 -4.5V4.5M3 -4.5V4.5"
            stroke="var(--wg-warning)"
            strokeWidth="2"
            strokeLinecap="round"
          />
        </g>
      )}
    </>
  );
}

/** Where the line from the middle of a node towards another leaves its box. */
function border(node: CanvasNode, towards: CanvasNode): { x: number; y: number } {
  const dx = towards.x - node.x;
  const dy = towards.y - node.y;
  const length = Math.hypot(dx, dy) || 1;
  const reach =
    node.member === undefined
      ? PERSON_RADIUS / length
      : Math.min(
          dx === 0 ? Number.POSITIVE_INFINITY : NODE.width / 2 / Math.abs(dx),
          dy === 0 ? Number.POSITIVE_INFINITY : NODE.height / 2 / Math.abs(dy),
        );
  // A little air between the box and the tip of the arrow.
  const part = reach + 4 / length;
  return { x: node.x + dx * part, y: node.y + dy * part };
}
