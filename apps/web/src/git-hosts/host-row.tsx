import { DeleteOutlined, EditOutlined } from '@ant-design/icons';
import type { GitHost } from '@wegent/api';
import { App, Button, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Monogram } from '../ui/monogram.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { useErrorText } from '../ui/use-error-text.ts';
import { useRemoveGitHost } from './use-git-hosts.ts';

/** One connected host: whose credential it is, of which kind, since when. */
export function HostRow({ host, onEdit }: { host: GitHost; onEdit: () => void }) {
  const { t } = useTranslation('git');
  const { t: common } = useTranslation();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const remove = useRemoveGitHost();
  const { domain, type, username, hasToken, hasSshKey, createdAt } = host;
  const confirm = () =>
    void modal.confirm({
      title: t('hosts.removeTitle', { domain }),
      content: t('hosts.removeBody'),
      okText: t('hosts.remove'),
      okButtonProps: { danger: true },
      autoFocusButton: 'cancel',
      onOk: () =>
        remove.mutateAsync(domain).then(
          () => void message.success(t('hosts.removed', { domain })),
          (error: unknown) => void message.error(errorText(error).title),
        ),
    });
  return (
    <li className="flex items-center gap-4 px-4 py-3.5 sm:px-5" data-testid="git-host">
      <Monogram name={t(`types.${type}`)} size={36} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="truncate font-medium">{domain}</span>
          <Tag variant="filled">{t(`types.${type}`)}</Tag>
        </p>
        <p className="mt-0.5 flex flex-wrap gap-x-4 text-[13px] leading-5 text-muted">
          {username && <span>{t('hosts.as', { username })}</span>}
          {hasToken && <span>{t('hosts.hasToken')}</span>}
          {hasSshKey && <span>{t('hosts.hasSshKey')}</span>}
          <span>
            {t('hosts.since')} <RelativeTime at={createdAt} />
          </span>
        </p>
      </div>
      <div className="flex">
        <Button
          type="text"
          icon={<EditOutlined />}
          aria-label={t('hosts.editOf', { domain })}
          title={common('actions.edit')}
          onClick={onEdit}
        />
        <Button
          type="text"
          danger
          icon={<DeleteOutlined />}
          loading={remove.isPending}
          aria-label={t('hosts.removeTitle', { domain })}
          title={t('hosts.remove')}
          onClick={confirm}
        />
      </div>
    </li>
  );
}
