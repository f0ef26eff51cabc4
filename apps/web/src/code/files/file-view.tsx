import { CloseOutlined, DownloadOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useConversation } from '../../chat/conversation-context.tsx';
import { fileSize } from '../../chat/file-size.ts';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { visibleName } from '../../ui/visible-name.ts';
import { Waiting } from '../../ui/waiting.tsx';
import { useCodeTask } from '../code-context.tsx';
import { PanelEmpty } from '../panel-empty.tsx';
import { FilePicture } from './file-picture.tsx';
import { FileText } from './file-text.tsx';
import { useDownload, useFile } from './use-files.ts';

/** One file of the work tree. */
export function FileView({ path }: { path: string }) {
  const { t } = useTranslation('code');
  const { taskId, showFile } = useCodeTask();
  const { attempt } = useConversation();
  const { language } = useAppearance().appearance;
  const file = useFile(taskId, path);
  const download = useDownload(taskId);
  const { data } = file;
  return (
    <>
      <header className="flex h-9 flex-none items-center gap-2 border-b border-line bg-rail pr-1 pl-3">
        <span className="min-w-0 flex-1 truncate font-mono text-[12px]" title={visibleName(path)}>
          {visibleName(path)}
        </span>
        {data && 'size' in data && (
          <span className="text-xs text-faint">{fileSize(data.size, language)}</span>
        )}
        <Button
          type="text"
          size="small"
          icon={<DownloadOutlined />}
          aria-label={t('files.download')}
          title={t('files.download')}
          onClick={() => attempt(() => download(path))}
        />
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined />}
          aria-label={t('files.close')}
          title={t('files.close')}
          onClick={() => showFile(undefined)}
        />
      </header>
      {file.isPending && <Waiting what={visibleName(path)} />}
      {file.isError && !data && (
        <ErrorNotice error={file.error} className="m-4" onRetry={() => void file.refetch()} />
      )}
      {data?.kind === 'text' && <FileText path={path} text={data.text} />}
      {data?.kind === 'picture' && <FilePicture path={path} picture={data} />}
      {(data?.kind === 'binary' || data?.kind === 'large') && (
        <PanelEmpty title={t(data.kind === 'large' ? 'files.large' : 'files.binary')}>
          <Button className="mt-2" icon={<DownloadOutlined />} onClick={() => attempt(() => download(path))}>
            {t('files.download')}
          </Button>
        </PanelEmpty>
      )}
    </>
  );
}
