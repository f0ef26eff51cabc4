import { ApartmentOutlined, RightOutlined, TeamOutlined } from '@ant-design/icons';
import { isFinalMessage, type TurnOutline } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';
import { Button } from 'antd';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useConversation } from '../conversation-context.tsx';
import { drawnMembers } from './drawn-members.ts';
import { GateRow } from './gate-row.tsx';
import { RunNews } from './run-news.tsx';
import { RunRow } from './run-row.tsx';
import { TeamDrawing } from './team-drawing.tsx';
import { flatRuns, type TurnRun, turnRuns } from './turn-runs.ts';
import { TurnSummary } from './turn-summary.tsx';

/** The runs of a Team's turn, live. When the turn is over they fold into one line, so that the answer stands out. */
export function TeamRail({
  message,
  turn,
  speaker,
}: {
  message: TaskMessage;
  turn: TurnOutline;
  /** The run whose words are the answer. */
  speaker: string | undefined;
}) {
  const { t } = useTranslation('team');
  const { agent } = useConversation();
  const settled = isFinalMessage(message.status);
  const [chosen, setChosen] = useState<boolean>();
  const [drawn, setDrawn] = useState(false);
  const id = useId();
  const { runs = NONE, blocks } = message;
  const entries = useMemo(() => turnRuns({ turn, runs, blocks, settled }), [turn, runs, blocks, settled]);
  const all = useMemo(() => flatRuns(entries), [entries]);
  // What waits for a person stays in sight.
  const open = all.some(({ state }) => state === 'waiting') || (chosen ?? !settled);
  return (
    <section
      aria-label={t('title')}
      data-testid="team-rail"
      data-mode={turn.mode}
      className="mb-2 rounded-xl border border-line bg-raised px-3 py-1.5"
    >
      <div className="flex items-center gap-1">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          data-testid="rail-toggle"
          className="-ml-1 flex min-w-0 flex-1 cursor-pointer items-center gap-2 rounded-lg px-1 py-1 text-left text-[14px] text-muted hover:text-ink"
          onClick={() => setChosen(!open)}
        >
          <TeamOutlined aria-hidden="true" className="flex-none" />
          <TurnSummary turn={turn} entries={all} message={message} settled={settled} />
          <RightOutlined
            aria-hidden="true"
            className={`flex-none text-[10px] text-faint transition-transform ${open ? 'rotate-90' : ''}`}
          />
        </button>
        {open && (
          <Button
            type="text"
            size="small"
            icon={<ApartmentOutlined />}
            aria-pressed={drawn}
            aria-label={t(drawn ? 'hideDrawing' : 'showDrawing')}
            title={t(drawn ? 'hideDrawing' : 'showDrawing')}
            data-testid="toggle-drawing"
            className="size-7! text-muted!"
            onClick={() => setDrawn(!drawn)}
          />
        )}
      </div>
      <div id={id} hidden={!open}>
        {open && drawn && (
          <div className="my-1 rounded-lg border border-line bg-canvas">
            <TeamDrawing mode={turn.mode} members={drawnMembers(turn, all)} name={agent.name} />
          </div>
        )}
        {open && (
          <ol className="flex flex-col pb-1">
            {entries.map((entry, index) => (
              <Entry
                key={entry.key}
                entry={entry}
                message={message}
                speaker={speaker}
                judged={isOpenGate(entries[index + 1])}
              />
            ))}
          </ol>
        )}
      </div>
      {!settled && <RunNews runs={all} />}
    </section>
  );
}

function isOpenGate(entry: TurnRun | undefined): boolean {
  return entry?.role.kind === 'gate' && entry.state === 'waiting';
}

const NONE: NonNullable<TaskMessage['runs']> = [];

function Entry({
  entry,
  message,
  speaker,
  judged = false,
}: {
  entry: TurnRun;
  message: TaskMessage;
  speaker: string | undefined;
  judged?: boolean;
}) {
  if (entry.role.kind === 'gate') {
    return (
      <li data-testid="member-run" data-member={entry.member} data-kind="gate" data-state={entry.state}>
        <GateRow entry={entry} blocks={message.blocks} />
      </li>
    );
  }
  const speaks = entry.run !== undefined && entry.run.executionId === speaker;
  return (
    <>
      <RunRow entry={entry} blocks={message.blocks} speaks={speaks} judged={judged} />
      {entry.inner.length > 0 && (
        <li>
          <ol className="ml-2.5 flex flex-col border-l-2 border-line pl-3.5">
            {entry.inner.map((inner) => (
              <Entry key={inner.key} entry={inner} message={message} speaker={speaker} />
            ))}
          </ol>
        </li>
      )}
    </>
  );
}
