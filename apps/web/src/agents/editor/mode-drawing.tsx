import type { CollaborationModel } from '@wegent/api';

const DOTS: Record<CollaborationModel, readonly (readonly [number, number])[]> = {
  solo: [[36, 24]],
  pipeline: [
    [10, 24],
    [36, 24],
    [62, 24],
  ],
  route: [
    [12, 24],
    [58, 8],
    [58, 24],
    [58, 40],
  ],
  coordinate: [
    [36, 9],
    [12, 39],
    [36, 39],
    [60, 39],
  ],
  collaborate: [
    [36, 8],
    [54, 34],
    [18, 34],
  ],
};
const LINES: Record<CollaborationModel, readonly string[]> = {
  solo: [],
  pipeline: ['M16 24H28', 'M42 24H54'],
  route: ['M18 24H50'],
  coordinate: ['M31 13 17 33', 'M36 15V31', 'M41 13 55 33'],
  collaborate: ['M41 12Q50 20 52 28', 'M48 37Q36 42 25 37', 'M20 28Q22 19 31 12'],
};
/** Ways that a route does not take. */
const DASHED = ['M18 22 51 10', 'M18 26 51 38'];

/** A small drawing of a mode: arrows, spokes, a fan, a ring. */
export function ModeDrawing({ mode }: { mode: CollaborationModel }) {
  const led = mode === 'route' || mode === 'coordinate' || mode === 'solo';
  return (
    <svg
      viewBox="0 0 72 48"
      width="72"
      height="48"
      aria-hidden="true"
      focusable="false"
      className="text-faint"
    >
      <defs>
        <marker
          id={`tip-${mode}`}
          viewBox="0 0 6 6"
          refX="5"
          refY="3"
          markerWidth="5"
          markerHeight="5"
          orient="auto"
        >
          <path d="M0 0 6 3 0 6z" fill="currentColor" />
        </marker>
      </defs>
      <g fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
        {LINES[mode].map((path) => (
          <path key={path} d={path} markerEnd={`url(#tip-${mode})`} />
        ))}
        {mode === 'route' && DASHED.map((path) => <path key={path} d={path} strokeDasharray="2 3" />)}
      </g>
      {DOTS[mode].map(([x, y], index) => (
        <circle
          key={`${x} ${y}`}
          cx={x}
          cy={y}
          r={led && index === 0 ? 6.5 : 5}
          fill={led && index === 0 ? 'var(--wg-accent)' : 'var(--wg-accent-soft)'}
          stroke="var(--wg-accent)"
          strokeWidth="1.5"
        />
      ))}
    </svg>
  );
}
