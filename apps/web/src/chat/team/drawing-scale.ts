import { type CanvasLayout, type CanvasMember, layoutOf, NODE } from '../../agents/editor/canvas-layout.ts';

/** A drawing that fits: where everything is, and how large a member is. */
export interface FittedDrawing extends CanvasLayout {
  /** Members are drawn small, with their name below. */
  compact: boolean;
  node: { width: number; height: number };
}

/** Width of a member with the gap beside it. */
const COLUMN = 244;
const MAX_COLUMNS = 4;
const SMALL = { width: 86, height: 78 } as const;
/** How much nearer to each other small members stand. */
const SHRINK = { x: 106 / COLUMN, y: 116 / 140 } as const;
const FEW = 3;

/** Draws a Team in a width: small where members would not find room beside each other. Pure. */
export function fitDrawing(
  mode: Parameters<typeof layoutOf>[0],
  members: readonly CanvasMember[],
  width: number,
): FittedDrawing {
  const columns = Math.min(MAX_COLUMNS, Math.floor(width / COLUMN));
  // Lines to members below each other would run through those between.
  if (columns >= Math.min(FEW, members.length))
    return { ...layoutOf(mode, members, Math.max(1, columns)), compact: false, node: NODE };
  const layout = layoutOf(
    mode,
    members,
    Math.max(1, Math.min(MAX_COLUMNS, Math.floor(width / (COLUMN * SHRINK.x)))),
  );
  return {
    ...layout,
    width: layout.width * SHRINK.x,
    height: layout.height * SHRINK.y,
    nodes: layout.nodes.map((node) => ({ ...node, x: node.x * SHRINK.x, y: node.y * SHRINK.y })),
    compact: true,
    node: SMALL,
  };
}
