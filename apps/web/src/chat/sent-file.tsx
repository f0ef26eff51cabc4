import { FileOutlined } from '@ant-design/icons';
import type { AttachmentInfo } from '@wegent/api';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { saveFile } from '../ui/save-file.ts';
import { useErrorText } from '../ui/use-error-text.ts';
import { fileSize } from './file-size.ts';

/** A file of a message; a click saves it. */
export function SentFile({ file }: { file: AttachmentInfo }) {
  const { t } = useTranslation('chat');
  const { attachments } = useApi();
  const { message } = App.useApp();
  const { language } = useAppearance().appearance;
  const errorText = useErrorText();
  const save = async () => {
    try {
      saveFile({ name: file.name, content: await attachments.download(file.id) });
    } catch (error) {
      void message.error(errorText(error).title);
    }
  };
  return (
    <button
      type="button"
      aria-label={t('saveFile', { name: file.name })}
      className="flex h-11 max-w-full cursor-pointer items-center gap-2.5 rounded-control border border-line bg-raised px-3 text-left hover:border-line-strong"
      onClick={() => void save()}
    >
      <FileOutlined className="text-lg text-accent" aria-hidden="true" />
      <span className="min-w-0">
        <span className="block truncate text-[13px] leading-4 font-medium">{file.name}</span>
        <span className="block text-xs leading-4 text-faint">{fileSize(file.size, language)}</span>
      </span>
    </button>
  );
}
