import { UserOutlined } from '@ant-design/icons';
import type { CollaborationModel } from '@wegent/api';
import { useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CanvasEdges } from '../../agents/editor/canvas-edges.tsx';
import { fitDrawing } from './drawing-scale.ts';
import type { DrawnMember } from './drawn-members.ts';
import { MemberNode } from './member-node.tsx';

const PERSON = { large: 22, small: 16 } as const;

/** A Team drawn as its mode wants it: arrows, spokes, a fan, a ring. Who is at work is lit. */
export function TeamDrawing({
  mode,
  members,
  name,
}: {
  mode: CollaborationModel;
  members: readonly DrawnMember[];
  /** Of the Team, for those who cannot see it. */
  name: string;
}) {
  const { t } = useTranslation('team');
  const frame = useRef<HTMLElement>(null);
  const width = useWidth(frame);
  const drawing = fitDrawing(mode, members, width);
  const person = drawing.compact ? PERSON.small : PERSON.large;
  return (
    <figure ref={frame} aria-label={t('drawingOf', { name })} data-testid="team-drawing" className="w-full">
      {width > 0 && (
        <div
          className="overflow-x-auto"
          // Whoever uses a keyboard must be able to scroll it.
          {...(drawing.width > width ? { tabIndex: 0 } : {})}
        >
          <div className="relative mx-auto" style={{ width: drawing.width, height: drawing.height }}>
            <CanvasEdges layout={drawing} node={drawing.node} person={person} compact={drawing.compact} />
            {drawing.nodes.map((node) => {
              const member = node.member === undefined ? undefined : members[node.member];
              return member ? (
                <MemberNode
                  key={node.id}
                  place={node}
                  size={drawing.node}
                  compact={drawing.compact}
                  member={member}
                />
              ) : (
                <span
                  key={node.id}
                  title={t('person')}
                  style={{
                    left: node.x - person,
                    top: node.y - person,
                    width: 2 * person,
                    height: 2 * person,
                  }}
                  className="absolute grid place-items-center rounded-full border border-line-strong bg-sunken text-muted"
                >
                  <UserOutlined aria-hidden="true" />
                  <span className="sr-only">{t('person')}</span>
                </span>
              );
            })}
          </div>
        </div>
      )}
    </figure>
  );
}

/** The width of an element, kept up to date. */
function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const node = element.current;
    if (!node) return;
    const measure = () => setWidth(node.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
