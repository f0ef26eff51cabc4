import { useTranslation } from 'react-i18next';
import { useCodeTask } from '../code-context.tsx';
import { PanelEmpty } from '../panel-empty.tsx';
import { FileView } from './file-view.tsx';
import { FolderTree } from './folder-tree.tsx';

/** The work tree as it is now: folders at the left or above, the chosen file beside them. */
export function FilesPanel() {
  const { t } = useTranslation('code');
  const { begun, filePath } = useCodeTask();
  if (!begun) return <PanelEmpty title={t('files.none')}>{t('notBegun')}</PanelEmpty>;
  return (
    <div className="@container flex h-full flex-col">
      <div className="flex min-h-0 flex-1 flex-col @2xl:flex-row">
        <div
          className={`overflow-y-auto @2xl:w-60 @2xl:flex-none @2xl:border-r @2xl:border-line ${
            filePath === undefined
              ? 'flex-1'
              : 'max-h-44 flex-none border-b border-line @2xl:max-h-none @2xl:border-b-0'
          }`}
        >
          <FolderTree />
        </div>
        {filePath !== undefined && (
          <div className="flex min-h-0 min-w-0 flex-1 flex-col">
            <FileView key={filePath} path={filePath} />
          </div>
        )}
      </div>
    </div>
  );
}
