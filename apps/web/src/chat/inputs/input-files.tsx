import { CloseOutlined, LoadingOutlined, PaperClipOutlined } from '@ant-design/icons';
import type { AttachmentInfo, InputValue } from '@wegent/api';
import { Button } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../session/session-provider.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { visibleName } from '../../ui/visible-name.ts';

/** The files of a field; they are uploaded at once and go with the message. */
export function InputFiles({
  id,
  many,
  ids,
  files,
  onChange,
  onFile,
}: {
  id: string;
  many: boolean;
  ids: readonly string[];
  files: ReadonlyMap<string, AttachmentInfo>;
  onChange: (value: InputValue | undefined) => void;
  onFile: (info: AttachmentInfo) => void;
}) {
  const { t } = useTranslation('inputs');
  const { attachments } = useApi();
  const picker = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();

  const upload = async (chosen: readonly File[]) => {
    setSending(true);
    setError(undefined);
    try {
      const added: string[] = [];
      for (const file of many ? chosen : chosen.slice(0, 1)) {
        const info = await attachments.upload(file, { name: file.name });
        onFile(info);
        added.push(info.id);
      }
      if (added.length > 0) onChange(many ? [...ids, ...added] : added);
    } catch (cause) {
      setError(cause);
    } finally {
      setSending(false);
    }
  };
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-1.5">
        {ids.map((one) => {
          const name = visibleName(files.get(one)?.name ?? one);
          return (
            <span
              key={one}
              className="inline-flex max-w-full items-center gap-1 rounded-lg border border-line bg-sunken pl-2.5 text-[13px]"
            >
              <span className="truncate">{name}</span>
              <Button
                type="text"
                size="small"
                icon={<CloseOutlined />}
                aria-label={t('remove', { name })}
                onClick={() => {
                  const rest = ids.filter((other) => other !== one);
                  onChange(rest.length === 0 ? undefined : rest);
                  attachments.remove(one).catch(() => undefined);
                }}
              />
            </span>
          );
        })}
        {(many || ids.length === 0) && (
          <Button
            id={id}
            icon={sending ? <LoadingOutlined /> : <PaperClipOutlined />}
            disabled={sending}
            aria-describedby={`${id}-note`}
            onClick={() => picker.current?.click()}
          >
            {t(many ? 'chooseFiles' : 'chooseFile')}
          </Button>
        )}
      </div>
      <input
        ref={picker}
        type="file"
        multiple={many}
        hidden
        data-testid="input-file"
        onChange={({ target }) => {
          void upload([...(target.files ?? [])]);
          target.value = '';
        }}
      />
      {error !== undefined && <ErrorNotice error={error} />}
    </div>
  );
}
