import { FolderOutlined } from '@ant-design/icons';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../ui/visible-name.ts';
import { buildTree, type ChangedFile } from './build-tree.ts';
import { FileCounts } from './file-counts.tsx';
import { StatusLetter } from './file-name.tsx';

/** The changed files as a tree; a click goes to the file. */
export function FileTree({
  files,
  current,
  onPick,
}: {
  files: readonly ChangedFile[];
  current: string | undefined;
  onPick: (path: string) => void;
}) {
  const { t } = useTranslation('code');
  const rows = useMemo(() => buildTree(files), [files]);
  return (
    <ul aria-label={t('changes.tree')} className="py-1 text-[13px] leading-6" data-testid="change-tree">
      {rows.map((row) => (
        <li
          key={`${row.type}:${row.path}`}
          className="[content-visibility:auto] [contain-intrinsic-size:24px]"
        >
          {row.type === 'folder' ? (
            <span
              className="flex items-center gap-2 pr-3 text-muted"
              style={{ paddingLeft: 12 + row.depth * 14 }}
              title={visibleName(row.path)}
            >
              <FolderOutlined className="text-xs text-faint" aria-hidden="true" />
              <span className="min-w-0 truncate">{visibleName(row.name)}</span>
            </span>
          ) : (
            <button
              type="button"
              title={visibleName(row.path)}
              aria-current={row.path === current}
              className={`flex w-full cursor-pointer items-center gap-2 pr-3 text-left hover:bg-hover ${row.path === current ? 'bg-selected' : ''}`}
              style={{ paddingLeft: 12 + row.depth * 14 }}
              onClick={() => onPick(row.path)}
            >
              <StatusLetter status={row.file.status} />
              <span
                className={`min-w-0 flex-1 truncate ${row.file.status === 'deleted' ? 'line-through' : ''}`}
              >
                {visibleName(row.name)}
              </span>
              <FileCounts additions={row.file.additions} deletions={row.file.deletions} />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
