import { useTranslation } from 'react-i18next';
import { Monogram } from '../../ui/monogram.tsx';
import { visibleName } from '../../ui/visible-name.ts';
import type { DrawnMember } from './drawn-members.ts';
import { RunState } from './run-state.tsx';
import { isAtWork } from './turn-runs.ts';

/** A member in the drawing of a Team; lit while it is at work. */
export function MemberNode({
  place,
  size,
  compact,
  member,
}: {
  /** Its middle. */
  place: { x: number; y: number };
  size: { width: number; height: number };
  compact: boolean;
  member: DrawnMember;
}) {
  const { t } = useTranslation('team');
  const { state, about, leader } = member;
  const name = visibleName(member.name);
  const lit = state !== undefined && isAtWork({ state });
  return (
    <div
      data-testid="drawn-member"
      data-member={member.name}
      data-lit={lit}
      style={{
        left: place.x - size.width / 2,
        top: place.y - size.height / 2,
        width: size.width,
        height: size.height,
      }}
      className={`absolute flex rounded-xl border ${lookOf(state, lit)} ${
        compact ? 'flex-col items-center justify-center gap-0.5 px-0.5' : 'items-center gap-2.5 px-3'
      }`}
    >
      <Monogram name={name} size={compact ? 26 : 34} />
      <span
        className={`min-w-0 text-[12px] leading-4 text-muted ${compact ? 'w-full text-center' : 'flex-1'}`}
      >
        <span
          title={name}
          className={`block truncate font-medium text-ink ${compact ? 'text-[13px] leading-[18px]' : 'text-[15px] leading-5'}`}
        >
          {name}
        </span>
        {!compact && (
          <span className="block truncate">
            {about}
            {leader && <span className="text-accent"> · {t('view.leader')}</span>}
          </span>
        )}
        {state === undefined ? (
          compact && leader && <span className="text-accent">{t('view.leader')}</span>
        ) : (
          <RunState state={state} />
        )}
      </span>
    </div>
  );
}

function lookOf(state: DrawnMember['state'], lit: boolean): string {
  if (state === 'waiting') return 'border-warning bg-canvas ring-2 ring-warning/40';
  if (lit) return 'border-accent bg-accent-soft ring-2 ring-accent/40';
  return state === 'failed' ? 'border-error bg-canvas' : 'border-line-strong bg-canvas';
}
