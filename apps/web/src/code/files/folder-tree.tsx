import { FileOutlined, FolderOpenOutlined, FolderOutlined, LinkOutlined } from '@ant-design/icons';
import type { FolderListing } from '@wegent/api';
import { Spin } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { visibleName } from '../../ui/visible-name.ts';
import { useCodeTask } from '../code-context.tsx';
import { useFolder } from './use-files.ts';

type Entry = FolderListing['entries'][number];

/** The work tree; each folder is asked for when it is opened. */
export function FolderTree() {
  const { t } = useTranslation('code');
  return (
    <ul aria-label={t('panel.files')} className="py-1 text-[13px] leading-6" data-testid="file-tree">
      <Folder path="" depth={0} />
    </ul>
  );
}

function Folder({ path, depth }: { path: string; depth: number }) {
  const { t } = useTranslation('code');
  const { taskId } = useCodeTask();
  const folder = useFolder(taskId, path);
  const indent = { paddingLeft: 12 + depth * 14 };
  if (folder.isPending) {
    return (
      <li style={indent} className="py-1">
        <Spin size="small" />
      </li>
    );
  }
  if (folder.isError && !folder.data) {
    return (
      <li className="p-2">
        <ErrorNotice error={folder.error} onRetry={() => void folder.refetch()} />
      </li>
    );
  }
  const entries = (folder.data?.entries ?? []).toSorted(foldersFirst);
  return (
    <>
      {entries.length === 0 && (
        <li style={indent} className="text-faint">
          {t('files.empty')}
        </li>
      )}
      {entries.map((entry) => (
        <EntryRow
          key={entry.name}
          entry={entry}
          path={path === '' ? entry.name : `${path}/${entry.name}`}
          depth={depth}
        />
      ))}
      {folder.data?.truncated && (
        <li style={indent} className="text-warning">
          {t('files.truncated')}
        </li>
      )}
    </>
  );
}

function EntryRow({ entry, path, depth }: { entry: Entry; path: string; depth: number }) {
  const { t } = useTranslation('code');
  const { filePath, showFile } = useCodeTask();
  const [open, setOpen] = useState(false);
  const folder = entry.type === 'folder';
  const possible = folder || entry.type === 'file';
  return (
    <li>
      <button
        type="button"
        disabled={!possible}
        title={possible ? visibleName(path) : t(`files.type.${entry.type === 'link' ? 'link' : 'other'}`)}
        aria-current={path === filePath}
        {...(folder ? { 'aria-expanded': open } : {})}
        className={`flex w-full items-center gap-2 pr-3 text-left enabled:cursor-pointer enabled:hover:bg-hover disabled:text-faint ${path === filePath ? 'bg-selected' : ''}`}
        style={{ paddingLeft: 12 + depth * 14 }}
        onClick={() => (folder ? setOpen(!open) : showFile(path))}
      >
        <span className="text-xs text-faint" aria-hidden="true">
          {folder ? (
            open ? (
              <FolderOpenOutlined />
            ) : (
              <FolderOutlined />
            )
          ) : entry.type === 'link' ? (
            <LinkOutlined />
          ) : (
            <FileOutlined />
          )}
        </span>
        <span className="min-w-0 truncate">{visibleName(entry.name)}</span>
      </button>
      {folder && open && (
        <ul>
          <Folder path={path} depth={depth + 1} />
        </ul>
      )}
    </li>
  );
}

function foldersFirst(left: Entry, right: Entry): number {
  if ((left.type === 'folder') !== (right.type === 'folder')) return left.type === 'folder' ? -1 : 1;
  return left.name < right.name ? -1 : 1;
}
