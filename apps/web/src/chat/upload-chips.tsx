import { CloseOutlined, FileOutlined } from '@ant-design/icons';
import { Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { useErrorText } from '../ui/use-error-text.ts';
import { fileSize } from './file-size.ts';
import { MAX_FILES, type Upload } from './use-uploads.ts';

/** The files of the message that is being written: progress, what went wrong or found no place, a way to take them out. */
export function UploadChips({
  uploads,
  leftOut,
  onRemove,
}: {
  uploads: readonly Upload[];
  /** How many of those added last found no place. */
  leftOut: number;
  onRemove: (upload: Upload) => void;
}) {
  const { t } = useTranslation('chat');
  if (uploads.length === 0) return null;
  return (
    <div className="flex flex-col gap-1.5 px-3 pt-3">
      <ul className="flex max-h-48 flex-wrap gap-2 overflow-y-auto">
        {uploads.map((upload) => (
          <UploadChip key={upload.id} upload={upload} onRemove={() => onRemove(upload)} />
        ))}
      </ul>
      {leftOut > 0 && (
        <p role="alert" data-testid="left-out" className="px-1 text-[13px] leading-5 text-error">
          {t('leftOut', { max: MAX_FILES, count: leftOut })}
        </p>
      )}
    </div>
  );
}

function UploadChip({ upload, onRemove }: { upload: Upload; onRemove: () => void }) {
  const { t } = useTranslation('chat');
  const { language } = useAppearance().appearance;
  const errorText = useErrorText();
  const { name, size, preview, state } = upload;
  const failed = state.status === 'failed';
  const failure = failed ? errorText(state.error) : undefined;
  return (
    <li
      data-testid="upload"
      data-status={state.status}
      className={`flex max-w-full items-center gap-2.5 rounded-control border bg-raised py-1.5 pr-1 pl-2 ${failed ? 'border-error/60' : 'border-line'}`}
    >
      {preview ? (
        // biome-ignore lint/performance/noImgElement: the picture is already in this page.
        <img src={preview} alt="" className="size-9 rounded-md object-cover" />
      ) : (
        <FileOutlined className="px-1.5 text-xl text-muted" aria-hidden="true" />
      )}
      <div className="min-w-0 text-[13px] leading-[18px]">
        <p className="max-w-52 truncate font-medium">{name}</p>
        {failed ? (
          <p role="alert" className="max-w-80 text-error">
            {failure?.detail ?? failure?.title}
          </p>
        ) : (
          <p className="text-faint">{fileSize(size, language)}</p>
        )}
      </div>
      {state.status === 'sending' && (
        <Progress
          type="circle"
          size={22}
          percent={Math.round(state.part * 100)}
          showInfo={false}
          aria-label={t('uploading', { name })}
        />
      )}
      <Button
        type="text"
        size="small"
        icon={<CloseOutlined className="text-xs!" />}
        aria-label={t('removeFile', { name })}
        onClick={onRemove}
      />
    </li>
  );
}
