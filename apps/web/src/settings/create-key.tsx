import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Modal, Select, Space } from 'antd';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { useRequired } from '../ui/use-required.ts';

interface KeyValues {
  name: string;
  /** Days until it expires; 0 for never. */
  days: number;
}

const DAY_MS = 86_400_000;
const LIFETIMES = [30, 90, 365, 0];

/** Makes an API key and shows it, this once. */
export function CreateKey({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const required = useRequired();
  const { users } = useApi();
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: ({ name, days }: KeyValues) =>
      users.createApiKey({
        name: name.trim(),
        ...(days > 0 ? { expiresAt: new Date(Date.now() + days * DAY_MS).toISOString() } : {}),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  const key = create.data?.key;
  return (
    <Modal
      open={open}
      title={key ? t('keys.readyTitle') : t('keys.create')}
      onCancel={onClose}
      afterClose={create.reset}
      // A stray click must not lose a key that cannot be shown again.
      mask={{ closable: !key }}
      destroyOnHidden
      footer={null}
    >
      {key ? (
        <NewKey value={key} onClose={onClose} />
      ) : (
        <Form<KeyValues>
          layout="vertical"
          className="pt-2"
          initialValues={{ days: 90 }}
          onFinish={(values) => create.mutate(values)}
        >
          {create.error && <ErrorNotice error={create.error} className="mb-5" />}
          <Form.Item name="name" label={t('keys.name')} rules={[required]}>
            <Input maxLength={100} autoFocus placeholder={t('keys.namePlaceholder')} />
          </Form.Item>
          <Form.Item name="days" label={t('keys.expires')}>
            <Select
              options={LIFETIMES.map((value) => ({
                value,
                label: value === 0 ? t('keys.never') : t('keys.days', { count: value }),
              }))}
            />
          </Form.Item>
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{t('actions.cancel', { ns: 'common' })}</Button>
            <Button type="primary" htmlType="submit" loading={create.isPending}>
              {t('keys.create')}
            </Button>
          </div>
        </Form>
      )}
    </Modal>
  );
}

function NewKey({ value, onClose }: { value: string; onClose: () => void }) {
  const { t } = useTranslation('settings');
  return (
    <div className="flex flex-col gap-5 pt-2">
      <Alert type="warning" showIcon title={t('keys.readyBody')} />
      <Space.Compact block>
        <Input
          readOnly
          value={value}
          aria-label={t('keys.key')}
          className="font-mono"
          onFocus={(event) => event.target.select()}
        />
        <CopyButton text={value} type="primary" />
      </Space.Compact>
      <div className="flex justify-end">
        <Button onClick={onClose}>{t('keys.done')}</Button>
      </div>
    </div>
  );
}
