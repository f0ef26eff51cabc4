import type { CollaborationModel } from '@wegent/api';

/** A node of the drawing: a member by its place, or the person. */
export interface CanvasNode {
  id: string;
  /** Place of the member; absent for the person. */
  member?: number;
  x: number;
  y: number;
}

/** A line of the drawing. */
export interface CanvasEdge {
  from: string;
  to: string;
  look: 'arrow' | 'dashed' | 'both';
  /** The run waits here for a person. */
  gate: boolean;
}

/** Where everything of a drawing is; nodes by their centre. */
export interface CanvasLayout {
  width: number;
  height: number;
  nodes: CanvasNode[];
  edges: CanvasEdge[];
}

/** What of a member the drawing depends on. */
export interface CanvasMember {
  leader: boolean;
  gate: boolean;
}

export const NODE = { width: 188, height: 76 } as const;
const GAP = { x: 56, y: 64 } as const;
const PERSON = 44;
const MARGIN = 28;
/** Height of the ring, of its width. */
const FLATNESS = 0.62;

/** Places the members of a team as their mode wants it. `columns` is how many fit beside each other. */
export function layoutOf(
  mode: CollaborationModel,
  members: readonly CanvasMember[],
  columns: number,
): CanvasLayout {
  if (members.length === 0) return { width: 0, height: 0, nodes: [], edges: [] };
  if (mode === 'pipeline' || mode === 'solo') return chain(mode, members, columns);
  if (mode === 'collaborate' && members.length > 2 && columns > 2) return ring(members);
  return fan(mode, members, columns);
}

function chain(mode: 'pipeline' | 'solo', members: readonly CanvasMember[], columns: number): CanvasLayout {
  const across = Math.max(1, Math.min(columns, members.length));
  const nodes = members.map((_, index): CanvasNode => {
    const row = Math.floor(index / across);
    // Every second row runs back, so that each arrow is short.
    const column = row % 2 === 0 ? index % across : across - 1 - (index % across);
    return { id: String(index), member: index, ...cell(column, row) };
  });
  const first = Math.max(0, mode === 'solo' ? members.findIndex(({ leader }) => leader) : 0);
  const person = { id: 'person', ...cell(mode === 'solo' ? first % across : 0, 0), y: MARGIN + PERSON / 2 };
  const edges: CanvasEdge[] = [{ from: 'person', to: String(first), look: 'arrow', gate: false }];
  if (mode === 'pipeline') {
    for (let index = 1; index < members.length; index += 1) {
      const gate = members[index - 1]?.gate ?? false;
      edges.push({ from: String(index - 1), to: String(index), look: 'arrow', gate });
    }
  }
  return finished([person, ...nodes], edges);
}

function fan(
  mode: 'route' | 'coordinate' | 'collaborate',
  members: readonly CanvasMember[],
  columns: number,
): CanvasLayout {
  const leader = leaderOf(members);
  const others = members.map((_, index) => index).filter((index) => index !== leader);
  const across = Math.max(1, Math.min(columns, others.length));
  const middle = cell((across - 1) / 2, 0);
  const nodes: CanvasNode[] = [
    { id: 'person', x: middle.x, y: MARGIN + PERSON / 2 },
    { id: String(leader), member: leader, ...middle },
    ...others.map((member, place) => ({
      id: String(member),
      member,
      ...cell(place % across, 1 + Math.floor(place / across)),
    })),
  ];
  const look = mode === 'route' ? 'dashed' : 'both';
  const edges: CanvasEdge[] = [
    { from: 'person', to: String(leader), look: 'arrow', gate: false },
    ...others.map((member) => ({ from: String(leader), to: String(member), look, gate: false }) as const),
  ];
  return finished(nodes, edges);
}

function ring(members: readonly CanvasMember[]): CanvasLayout {
  const leader = leaderOf(members);
  const order = [leader, ...members.map((_, index) => index).filter((index) => index !== leader)];
  let radius = 210;
  let nodes = onRing(order, radius);
  while (nodes.some((node, place) => nodes.slice(place + 1).some((other) => isOver(node, other)))) {
    radius += 24;
    nodes = onRing(order, radius);
  }
  const edges = order.map(
    (member, place): CanvasEdge => ({
      from: String(member),
      to: String(order[(place + 1) % order.length]),
      look: 'both',
      gate: false,
    }),
  );
  return finished([{ id: 'person', ...centreOf(radius) }, ...nodes], edges);
}

function onRing(order: readonly number[], radius: number): CanvasNode[] {
  const centre = centreOf(radius);
  return order.map((member, place) => {
    const angle = (2 * Math.PI * place) / order.length - Math.PI / 2;
    return {
      id: String(member),
      member,
      x: centre.x + radius * Math.cos(angle),
      y: centre.y + radius * FLATNESS * Math.sin(angle),
    };
  });
}

function centreOf(radius: number): { x: number; y: number } {
  return { x: MARGIN + NODE.width / 2 + radius, y: MARGIN + NODE.height / 2 + radius * FLATNESS };
}

function isOver(node: CanvasNode, other: CanvasNode): boolean {
  const air = 20;
  return Math.abs(node.x - other.x) < NODE.width + air && Math.abs(node.y - other.y) < NODE.height + air;
}

function leaderOf(members: readonly CanvasMember[]): number {
  return Math.max(
    0,
    members.findIndex(({ leader }) => leader),
  );
}

function cell(column: number, row: number): { x: number; y: number } {
  return {
    x: MARGIN + NODE.width / 2 + column * (NODE.width + GAP.x),
    y: MARGIN + PERSON + 36 + NODE.height / 2 + row * (NODE.height + GAP.y),
  };
}

function finished(nodes: CanvasNode[], edges: CanvasEdge[]): CanvasLayout {
  const width = Math.max(
    ...nodes.map(({ x, member }) => x + (member === undefined ? PERSON : NODE.width) / 2),
  );
  const height = Math.max(
    ...nodes.map(({ y, member }) => y + (member === undefined ? PERSON : NODE.height) / 2),
  );
  return { width: width + MARGIN, height: height + MARGIN, nodes, edges };
}
