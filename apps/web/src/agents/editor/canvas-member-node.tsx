import { useTranslation } from 'react-i18next';
import { Monogram } from '../../ui/monogram.tsx';
import { keyOf, readReference } from '../draft/agent-document.ts';
import { membersOf, teamOf } from '../draft/agent-draft.ts';
import { botOfMember, nameOfMember } from '../draft/edit-members.ts';
import { problemsAt } from '../draft/problems.ts';
import { type CanvasNode, NODE } from './canvas-layout.ts';
import { useEditorControls } from './editor-context.tsx';

/** A member as a card of the drawing. */
export function CanvasMemberNode({
  node,
  member,
  index,
  selected,
  onSelect,
}: {
  node: CanvasNode;
  member: Record<string, unknown>;
  index: number;
  selected: boolean;
  onSelect: (index: number) => void;
}) {
  const { t } = useTranslation('agents');
  const { draft, scope, problems } = useEditorControls();
  const name = nameOfMember(scope, member) || String(index + 1);
  const bot = botOfMember(scope, member);
  const team = teamOf(draft);
  const wrong = [
    ...(team ? problemsAt(problems, keyOf(team), `spec.members[${index}]`) : []),
    ...(bot ? problemsAt(problems, keyOf(bot)) : []),
  ].some(({ severity }) => severity === 'error');
  const look = selected
    ? 'border-accent ring-2 ring-accent-line'
    : wrong
      ? 'border-error'
      : 'border-line-strong hover:border-accent';
  return (
    <button
      type="button"
      data-testid="canvas-member"
      aria-pressed={selected}
      style={{
        left: node.x - NODE.width / 2,
        top: node.y - NODE.height / 2,
        width: NODE.width,
        height: NODE.height,
      }}
      className={`absolute flex cursor-pointer items-center gap-2.5 rounded-xl border bg-canvas px-3 text-left transition-colors ${look}`}
      onClick={() => onSelect(index)}
    >
      <Monogram name={name} size={34} />
      <span className="sr-only">{t('form.open')}</span>
      <span className="min-w-0">
        <span className="block truncate font-medium">{name}</span>
        <span className="block truncate text-[12px] leading-4 text-muted">
          {readReference(bot?.spec.shellRef)?.name ?? '–'}
        </span>
        <span className="block truncate text-[12px] leading-4 text-muted">
          {readReference(bot?.spec.modelRef)?.name ?? t('canvas.noModel')}
          {member.role === 'leader' && membersOf(draft).length > 1 && (
            <span className="text-accent"> · {t('form.leader')}</span>
          )}
        </span>
      </span>
    </button>
  );
}
