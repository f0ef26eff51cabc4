import { DownOutlined, FileTextOutlined } from '@ant-design/icons';
import { Button, Spin } from 'antd';
import { memo, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { DiffTable } from '../../diff/diff-table.tsx';
import { languageOfPath } from '../../diff/language-of-path.ts';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { visibleName } from '../../ui/visible-name.ts';
import { useCodeTask } from '../code-context.tsx';
import type { ChangedFile } from './build-tree.ts';
import { FileCounts } from './file-counts.tsx';
import { FileName } from './file-name.tsx';
import { usePatch } from './use-changes.ts';
import { useLineNotes } from './use-line-notes.tsx';
import { useSeen } from './use-seen.ts';

/** The changes of one file under its name, folded or not. */
export const FileDiff = memo(function FileDiff({
  file,
  turn,
  split,
  open,
  wanted,
  onToggle,
}: {
  file: ChangedFile;
  turn: string | undefined;
  split: boolean;
  open: boolean;
  /** The person asked for this file: it comes into sight. */
  wanted: boolean;
  onToggle: (path: string) => void;
}) {
  const { t } = useTranslation('code');
  const { showFile } = useCodeTask();
  const section = useRef<HTMLElement>(null);
  const seen = useSeen(section);
  const { path, oldPath, status, additions, deletions, binary = false } = file;
  useEffect(() => {
    if (wanted) section.current?.scrollIntoView({ block: 'start' });
  }, [wanted]);
  return (
    <section
      ref={section}
      aria-label={visibleName(path)}
      data-testid="file-diff"
      className="border-b border-line scroll-mt-0"
    >
      <header className="sticky top-0 z-10 flex h-9 items-center gap-2 border-b border-line bg-rail pr-2">
        <button
          type="button"
          aria-expanded={open}
          className="flex h-full min-w-0 flex-1 cursor-pointer items-center gap-2 pl-3 text-left"
          onClick={() => onToggle(path)}
        >
          <DownOutlined
            aria-hidden="true"
            className={`flex-none text-[10px]! text-faint transition-transform ${open ? '' : '-rotate-90'}`}
          />
          <FileName path={path} status={status} />
          <FileCounts additions={additions} deletions={deletions} />
        </button>
        {status !== 'deleted' && (
          <Button
            type="text"
            size="small"
            icon={<FileTextOutlined />}
            aria-label={t('changes.openFile', { path })}
            title={t('changes.openFile', { path: '' })}
            className="text-faint!"
            onClick={() => showFile(path)}
          />
        )}
      </header>
      {open && (
        <>
          {oldPath && oldPath !== path && (
            <p className="px-4 py-1.5 text-[13px] text-muted">
              {t('changes.renamedFrom', { path: visibleName(oldPath) })}
            </p>
          )}
          {binary ? (
            <p className="px-4 py-3 text-[13px] text-muted">{t('changes.binary')}</p>
          ) : (
            <Body path={path} turn={turn} split={split} enabled={seen} />
          )}
        </>
      )}
    </section>
  );
});

function Body({
  path,
  turn,
  split,
  enabled,
}: {
  path: string;
  turn: string | undefined;
  split: boolean;
  enabled: boolean;
}) {
  const { t } = useTranslation('code');
  const { taskId } = useCodeTask();
  const patch = usePatch({ taskId, path, turn, enabled });
  const notes = useLineNotes(path);
  if (patch.isError && !patch.data)
    return <ErrorNotice error={patch.error} className="m-3" onRetry={() => void patch.refetch()} />;
  if (!patch.data) {
    return (
      <div className="grid h-20 place-items-center" role="status" aria-label={t('diff.loading')}>
        <Spin size="small" />
      </div>
    );
  }
  if (patch.data.binary) return <p className="px-4 py-3 text-[13px] text-muted">{t('changes.binary')}</p>;
  if (patch.data.hunks.length === 0)
    return <p className="px-4 py-3 text-[13px] text-muted">{t('changes.noText')}</p>;
  return (
    <DiffTable
      patch={patch.data}
      language={languageOfPath(path)}
      split={split}
      notes={notes}
      label={t('diff.of', { path: visibleName(path) })}
    />
  );
}
