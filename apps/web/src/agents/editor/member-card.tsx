import { DownOutlined, HolderOutlined, RightOutlined } from '@ant-design/icons';
import { Tag } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Monogram } from '../../ui/monogram.tsx';
import { keyOf, readReference } from '../draft/agent-document.ts';
import { teamOf } from '../draft/agent-draft.ts';
import { botOfMember, nameOfMember } from '../draft/edit-members.ts';
import { problemsAt } from '../draft/problems.ts';
import { BotFields } from './bot-fields.tsx';
import { useEditorControls } from './editor-context.tsx';
import { MemberActions } from './member-actions.tsx';
import { MemberFields } from './member-fields.tsx';
import { partsOfMember } from './member-of-problem.ts';
import { MissingBot } from './missing-bot.tsx';
import type { MemberDrag } from './use-member-order.ts';

interface MemberProps {
  member: Record<string, unknown>;
  index: number;
  count: number;
  /** Given where it can be dragged to another place. */
  drag?: MemberDrag;
  /** Told where it is after it was moved; undefined when it was taken out. */
  onPlaced?: (index: number | undefined) => void;
}

/** One member: its place and role, and, opened, everything that it is. */
export function MemberCard({ member, index, count, drag, onPlaced }: MemberProps) {
  const { t } = useTranslation('agents');
  const { scope, readOnly, open, setOpen } = useEditorControls();
  const body = useId();
  const isOpen = open.has(index);
  const name = nameOfMember(scope, member) || String(index + 1);
  const bot = botOfMember(scope, member);
  const shell = readReference(bot?.spec.shellRef)?.name;
  const model = readReference(bot?.spec.modelRef)?.name;
  const wrong = useMemberProblems(member, index);
  return (
    <div
      data-testid="member"
      {...drag?.line}
      className={`relative rounded-xl border border-line bg-raised ${drag?.dragged ? 'opacity-50' : ''} ${DROP[drag?.drop ?? 'none']}`}
    >
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 p-2.5">
        {drag?.handle.draggable && (
          // By keyboard and on a phone there are the arrows.
          <span
            {...drag.handle}
            aria-hidden="true"
            data-testid="drag-handle"
            title={t('form.drag', { name })}
            className="grid h-9 w-6 flex-none cursor-grab place-items-center text-faint hover:text-ink active:cursor-grabbing max-sm:hidden"
          >
            <HolderOutlined />
          </span>
        )}
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={body}
          className="flex min-w-0 flex-1 cursor-pointer items-center gap-2.5 text-left"
          onClick={() => setOpen(index, !isOpen)}
        >
          <span className="text-[11px] text-faint" aria-hidden="true">
            {isOpen ? <DownOutlined /> : <RightOutlined />}
          </span>
          <Monogram name={name} size={32} />
          <span className="sr-only">{t(isOpen ? 'form.close' : 'form.open')}</span>
          <span className="min-w-0">
            <span className="flex flex-wrap items-center gap-x-2">
              <span className="truncate font-medium">{name}</span>
              {member.role === 'leader' && count > 1 && <Tag color="processing">{t('form.leader')}</Tag>}
              {wrong.length > 0 && (
                <Tag color={wrong.some(({ severity }) => severity === 'error') ? 'error' : 'warning'}>
                  {wrong.length}
                </Tag>
              )}
            </span>
            <span className="block truncate text-[13px] leading-5 text-muted">
              {[shell, model ?? t('form.noModel')].filter(Boolean).join(' · ')}
            </span>
          </span>
        </button>
        {!readOnly && (
          <MemberActions name={name} index={index} count={count} {...(onPlaced ? { onPlaced } : {})} />
        )}
      </div>
      {isOpen && (
        <div id={body} className="border-t border-line p-4">
          <MemberFields member={member} index={index} count={count} />
          {bot ? <BotFields bot={bot} index={index} /> : <MissingBot member={member} index={index} />}
        </div>
      )}
    </div>
  );
}

function useMemberProblems(member: Record<string, unknown>, index: number) {
  const { draft, scope, problems } = useEditorControls();
  const team = teamOf(draft);
  return [
    ...(team ? problemsAt(problems, keyOf(team), `spec.members[${index}]`) : []),
    ...partsOfMember(scope, member).flatMap((part) => problemsAt(problems, keyOf(part))),
  ];
}

const DROP = {
  none: '',
  before: 'before:absolute before:inset-x-2 before:-top-2 before:h-0.5 before:rounded before:bg-accent',
  after: 'after:absolute after:inset-x-2 after:-bottom-2 after:h-0.5 after:rounded after:bg-accent',
} as const;
