import { RightOutlined, StopOutlined } from '@ant-design/icons';
import type { Block } from '@wegent/api';
import { Button } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApprovalCard } from '../../approvals/approval-card.tsx';
import { QuestionCard } from '../../approvals/question-card.tsx';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { Monogram } from '../../ui/monogram.tsx';
import { visibleName } from '../../ui/visible-name.ts';
import { useConversation } from '../conversation-context.tsx';
import { countText } from '../usage-text.ts';
import { RunClock } from './run-clock.tsx';
import { RunLine } from './run-line.tsx';
import { RunState } from './run-state.tsx';
import { RunTranscript } from './run-transcript.tsx';
import { isAtWork, type TurnRun } from './turn-runs.ts';
import { useRoleText } from './use-role-text.ts';

/** A member's run in one or two lines: who, as what, how far, how long, what it used. Opened, what it did. */
export function RunRow({
  entry,
  blocks,
  speaks,
  judged,
}: {
  entry: TurnRun;
  /** All blocks of the answer. */
  blocks: readonly Block[];
  /** What it writes is the answer, which stands below. */
  speaks: boolean;
  /** A gate waits for somebody to judge what it did, which therefore is in sight. */
  judged: boolean;
}) {
  const roleText = useRoleText();
  const [chosen, setChosen] = useState<boolean>();
  const open = chosen ?? (judged && !speaks);
  const id = useId();
  const { run, state, member } = entry;
  const name = visibleName(member);
  const begun = run !== undefined && state !== 'pending' && state !== 'skipped';
  const idle = !begun;
  const waiting = speaks || !run ? [] : blocks.filter((block) => isOpen(block, run.executionId));
  return (
    <li
      data-testid="member-run"
      data-member={member}
      data-kind={entry.role.kind}
      data-state={state}
      className="flex flex-col"
    >
      <div className="flex items-start gap-1">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          disabled={!begun}
          className={`-ml-2 flex min-w-0 flex-1 items-start gap-2.5 rounded-lg px-2 py-1 text-left enabled:cursor-pointer enabled:hover:bg-hover ${
            idle ? 'text-faint' : 'text-muted'
          }`}
          onClick={() => setChosen(!open)}
        >
          <span
            className={`mt-px inline-flex flex-none rounded-lg ${
              isAtWork(entry)
                ? 'ring-2 ring-accent ring-offset-1 ring-offset-canvas'
                : idle
                  ? 'grayscale'
                  : ''
            }`}
          >
            <Monogram name={name} size={22} />
          </span>
          <span className="min-w-0 flex-1">
            <span className="flex flex-wrap items-center gap-x-2 text-[14px] leading-6">
              <span className={`truncate font-medium ${idle ? '' : 'text-ink'}`}>{name}</span>
              <span className="text-[13px] text-faint">{roleText(entry.role)}</span>
              <span className="ml-auto flex flex-none items-center gap-2.5 text-[13px]">
                <RunState state={state} />
                <RunClock from={begun ? run.startedAt : undefined} to={run?.finishedAt} />
                <Tokens entry={entry} />
              </span>
            </span>
            <RunLine entry={entry} blocks={blocks} />
          </span>
          <RightOutlined
            aria-hidden="true"
            className={`mt-[7px]! flex-none text-[10px] text-faint transition-transform ${
              open ? 'rotate-90' : ''
            } ${begun ? '' : 'invisible'}`}
          />
        </button>
        <StopRun entry={entry} name={name} />
      </div>
      {waiting.map((block) =>
        block.type === 'approval' ? (
          <ApprovalCard key={block.blockId} block={block} open />
        ) : block.type === 'question' ? (
          <QuestionCard key={block.blockId} block={block} open />
        ) : null,
      )}
      <div id={id} hidden={!open} className="mt-1 mb-2 ml-2.5 border-l-2 border-line pl-4">
        {open && run && <RunTranscript entry={entry} run={run} blocks={blocks} speaks={speaks} />}
      </div>
    </li>
  );
}

function Tokens({ entry: { run } }: { entry: TurnRun }) {
  const { t } = useTranslation('chat');
  const { language } = useAppearance().appearance;
  const used = (run?.usage?.inputTokens ?? 0) + (run?.usage?.outputTokens ?? 0);
  if (used === 0) return null;
  return (
    <span className="hidden tabular-nums sm:inline" data-testid="run-tokens">
      {t('usage.tokens', { tokens: countText(used, language) })}
    </span>
  );
}

function StopRun({ entry: { run, state }, name }: { entry: TurnRun; name: string }) {
  const { t } = useTranslation('team');
  const { session, attempt } = useConversation();
  const [stopping, setStopping] = useState(false);
  const active = state === 'running' || state === 'waiting' || state === 'pending';
  // What works inside the run of its leader stops with that.
  if (!run || run.inside || !active) return <span aria-hidden="true" className="size-7 flex-none" />;
  return (
    <Button
      type="text"
      size="small"
      icon={<StopOutlined />}
      aria-label={t('stop', { name })}
      title={t('stop', { name })}
      data-testid="stop-run"
      loading={stopping}
      className="mt-0.5 size-7! flex-none text-muted!"
      onClick={() => {
        setStopping(true);
        attempt(() => session.cancelRun(run.executionId).finally(() => setStopping(false)));
      }}
    />
  );
}

function isOpen(block: Block, executionId: string): boolean {
  if (block.executionId !== executionId) return false;
  return (
    (block.type === 'approval' && block.decision === undefined) ||
    (block.type === 'question' && block.answers === undefined)
  );
}
