import { KeyOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { CreateKey } from './create-key.tsx';
import { KeyRow } from './key-row.tsx';
import { SettingsPage } from './settings-page.tsx';

/** The person's API keys. */
export function KeysPage() {
  const { t } = useTranslation('settings');
  const { users } = useApi();
  const [creating, setCreating] = useState(false);
  const keys = useQuery({ queryKey: ['api-keys'], queryFn: async () => (await users.apiKeys()).items });
  const create = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t('keys.create')}
    </Button>
  );
  return (
    <SettingsPage section="keys">
      {keys.isPending && <Waiting what={t('keys.loading')} />}
      {keys.error && <ErrorNotice error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && (
        <EmptyState icon={<KeyOutlined />} title={t('keys.empty')} action={create}>
          {t('keys.emptyBody')}
        </EmptyState>
      )}
      {keys.data && keys.data.length > 0 && (
        <>
          <div className="mb-4 flex justify-end">{create}</div>
          <ul className="divide-y divide-line rounded-xl border border-line bg-raised">
            {keys.data.map((apiKey) => (
              <KeyRow key={apiKey.id} apiKey={apiKey} />
            ))}
          </ul>
        </>
      )}
      <CreateKey open={creating} onClose={() => setCreating(false)} />
    </SettingsPage>
  );
}
