import { DeleteOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ApiKey } from '@wegent/api';
import { App, Button, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { useErrorText } from '../ui/use-error-text.ts';

/** One API key: its beginning, its use, and a way to end it. */
export function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation('settings');
  const { message, modal } = App.useApp();
  const { users } = useApi();
  const client = useQueryClient();
  const errorText = useErrorText();
  const remove = useMutation({
    mutationFn: () => users.deleteApiKey(apiKey.id),
    onSuccess: () => void message.success(t('keys.deleted')),
    onError: (error) => void message.error(errorText(error).title),
    onSettled: () => client.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  const confirm = () =>
    void modal.confirm({
      title: t('keys.deleteTitle', { name: apiKey.name }),
      content: t('keys.deleteBody'),
      okText: t('actions.delete', { ns: 'common' }),
      okButtonProps: { danger: true },
      onOk: () => remove.mutateAsync(),
    });
  const expired = apiKey.expiresAt !== undefined && Date.parse(apiKey.expiresAt) <= Date.now();
  return (
    <li className="flex items-center gap-4 px-4 py-3.5 sm:px-5">
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium">{apiKey.name}</span>
          <code className="text-muted">{apiKey.prefix}…</code>
          {expired && <Tag color="error">{t('keys.expired')}</Tag>}
        </p>
        <p className="mt-0.5 flex flex-wrap gap-x-4 text-[13px] leading-5 text-muted">
          <span>
            {t('keys.created')} <RelativeTime at={apiKey.createdAt} />
          </span>
          <span>
            {apiKey.lastUsedAt ? (
              <>
                {t('keys.lastUsed')} <RelativeTime at={apiKey.lastUsedAt} />
              </>
            ) : (
              t('keys.neverUsed')
            )}
          </span>
          {apiKey.expiresAt && !expired && (
            <span>
              {t('keys.expires')} <RelativeTime at={apiKey.expiresAt} />
            </span>
          )}
        </p>
      </div>
      <Button
        type="text"
        danger
        icon={<DeleteOutlined />}
        loading={remove.isPending}
        aria-label={t('keys.deleteTitle', { name: apiKey.name })}
        onClick={confirm}
      />
    </li>
  );
}
