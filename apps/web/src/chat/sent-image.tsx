import type { AttachmentInfo } from '@wegent/api';
import { Image } from 'antd';
import { useTranslation } from 'react-i18next';
import { SentFile } from './sent-file.tsx';
import { useAttachmentUrl } from './use-attachment.ts';

/** A picture of a message; a click shows it large. */
export function SentImage({ file }: { file: AttachmentInfo }) {
  const { t } = useTranslation('chat');
  const { url, failed } = useAttachmentUrl(file.id);
  if (failed) return <SentFile file={file} />;
  return (
    <div className="h-36 overflow-hidden rounded-control border border-line bg-sunken" title={file.name}>
      {url ? (
        <Image
          src={url}
          alt={file.name}
          height={144}
          className="w-auto! max-w-full object-contain"
          preview={{ cover: t('enlarge') }}
        />
      ) : (
        <div className="h-full w-48" />
      )}
    </div>
  );
}
