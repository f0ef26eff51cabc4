import { DiffOutlined, UndoOutlined } from '@ant-design/icons';
import { isFinalMessage } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useConversation } from '../chat/conversation-context.tsx';
import { FileCounts } from './changes/file-counts.tsx';
import { FileName } from './changes/file-name.tsx';
import { useCodeTask } from './code-context.tsx';
import { turnFiles } from './turn-changes.ts';
import { useRevert } from './use-revert.tsx';

const SHOWN = 5;

/** What an answer changed: its files with counts, a way to look at them, and a way back. */
export function TurnFiles({ message }: { message: TaskMessage }) {
  return turnFiles(message.blocks).map(({ executionId, files }) => (
    <TurnCard
      key={executionId}
      executionId={executionId}
      files={files}
      settled={isFinalMessage(message.status)}
    />
  ));
}

function TurnCard({
  executionId,
  files,
  settled,
}: {
  executionId: string;
  files: ReturnType<typeof turnFiles>[number]['files'];
  settled: boolean;
}) {
  const { t } = useTranslation('code');
  const { showChanges } = useCodeTask();
  const { busy } = useConversation();
  const { confirm, pending } = useRevert(executionId, files.length);
  const sum = (of: (file: (typeof files)[number]) => number) =>
    files.reduce((total, file) => total + of(file), 0);
  return (
    <section
      aria-label={t('turn.title', { count: files.length })}
      data-testid="turn-files"
      className="my-1 overflow-hidden rounded-xl border border-line bg-raised"
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1.5 pr-1.5 pl-3.5">
        <span className="flex-1 text-[14px] font-medium whitespace-nowrap">
          {t('turn.title', { count: files.length })}
          <span className="ml-2.5 font-normal">
            <FileCounts
              additions={sum(({ additions }) => additions)}
              deletions={sum(({ deletions }) => deletions)}
            />
          </span>
        </span>
        <Button
          type="text"
          size="small"
          className="text-[13px]! text-muted!"
          icon={<DiffOutlined />}
          data-testid="show-turn"
          onClick={() => showChanges({ turn: executionId })}
        >
          {t('turn.show')}
        </Button>
        {settled && !busy && (
          <Button
            type="text"
            size="small"
            className="text-[13px]! text-muted!"
            icon={<UndoOutlined />}
            loading={pending}
            data-testid="revert-turn"
            onClick={confirm}
          >
            {t('turn.revert')}
          </Button>
        )}
      </header>
      <ul className="border-t border-line py-1">
        {files.slice(0, SHOWN).map((file) => (
          <li key={file.path}>
            <button
              type="button"
              className="flex w-full cursor-pointer items-center gap-3 px-3.5 py-0.5 text-left hover:bg-hover"
              onClick={() => showChanges({ turn: executionId, path: file.path })}
            >
              <FileName path={file.path} status={file.status} />
              <FileCounts additions={file.additions} deletions={file.deletions} />
            </button>
          </li>
        ))}
        {files.length > SHOWN && (
          <li className="px-3.5 py-0.5 text-[13px] text-faint">
            {t('turn.more', { count: files.length - SHOWN })}
          </li>
        )}
      </ul>
    </section>
  );
}
