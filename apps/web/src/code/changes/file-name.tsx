import type { ChangeList } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../ui/visible-name.ts';

/** What happened to a file. */
export type FileStatus = ChangeList['files'][number]['status'];

/** A file: what happened to it as a letter, its name, and quietly where it is. */
export function FileName({ path, status }: { path: string; status: FileStatus }) {
  const slash = path.lastIndexOf('/') + 1;
  return (
    <span className="flex min-w-0 flex-1 items-center gap-2 text-[13px] leading-6" title={visibleName(path)}>
      <StatusLetter status={status} />
      <span className={`flex-none ${status === 'deleted' ? 'line-through' : ''} max-w-[70%] truncate`}>
        {visibleName(path.slice(slash))}
      </span>
      <span className="min-w-0 truncate text-xs text-faint">
        {visibleName(path.slice(0, Math.max(0, slash - 1)))}
      </span>
    </span>
  );
}

/** What happened to a file, as a letter of its colour; the word is on hover. */
export function StatusLetter({ status }: { status: FileStatus }) {
  const { t } = useTranslation('code');
  const word = t(`status.${status}`);
  return (
    <span className={`w-3 flex-none text-center font-mono text-xs ${COLOURS[status]}`} title={word}>
      <span aria-hidden="true">{LETTERS[status]}</span>
      <span className="sr-only">{word}</span>
    </span>
  );
}

const LETTERS = { added: 'A', modified: 'M', deleted: 'D', renamed: 'R' } as const;
const COLOURS = {
  added: 'text-success',
  modified: 'text-warning',
  deleted: 'text-error',
  renamed: 'text-accent',
} as const;
