import { ApiError, type GitHost, type GitHostRequest } from '@wegent/api';
import { App, Button, Form, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { HostFields, type HostValues } from './host-fields.tsx';
import { domainOf, HOST_TYPES } from './host-types.ts';
import { useSaveGitHost } from './use-git-hosts.ts';

/** Connects a git host, or gives a connected one another credential. */
export function HostModal({
  stored,
  domain,
  onClosed,
}: {
  stored?: GitHost;
  /** Known from where the person came. */
  domain: string;
  onClosed: () => void;
}) {
  const { t } = useTranslation('git');
  const { t: common } = useTranslation();
  const { message } = App.useApp();
  const [open, setOpen] = useState(true);
  const [form] = Form.useForm<HostValues>();
  const save = useSaveGitHost();

  const submit = async (values: HostValues) => {
    try {
      const host = await save.mutateAsync(requestOf(values));
      void message.success(t('hosts.saved', { domain: host.domain }));
      setOpen(false);
    } catch (error) {
      form.setFields(fieldErrors(error));
    }
  };
  return (
    <Modal
      open={open}
      title={stored ? t('form.editTitle', { domain: stored.domain }) : t('form.addTitle')}
      onCancel={() => setOpen(false)}
      afterClose={onClosed}
      footer={null}
      width={560}
    >
      <Form<HostValues>
        form={form}
        layout="vertical"
        className="pt-2"
        initialValues={initialValues(stored, domain)}
        onFinish={(values) => void submit(values)}
      >
        {save.error && fieldErrors(save.error).length === 0 && (
          <ErrorNotice error={save.error} className="mb-5" />
        )}
        <HostFields stored={stored} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common('actions.cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {t(save.isPending ? 'form.testing' : 'form.save')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

function initialValues(stored: GitHost | undefined, domain: string): HostValues {
  const known = HOST_TYPES.find((entry) => entry.domain !== '' && entry.domain === domain);
  return {
    type: stored?.type ?? known?.type ?? (domain === '' ? 'github' : 'gitea'),
    domain: stored?.domain ?? (domain === '' ? 'github.com' : domain),
    username: stored?.username ?? '',
    token: '',
    sshKey: '',
  };
}

// Fields that are not drawn have no value.
function requestOf({ type, domain, username = '', token = '', sshKey = '' }: HostValues): GitHostRequest {
  return {
    type,
    domain: domainOf(domain),
    ...(type === 'git' && username.trim() !== '' ? { username: username.trim() } : {}),
    ...(token.trim() === '' ? {} : { token: token.trim() }),
    ...(sshKey.trim() === '' ? {} : { sshKey: `${sshKey.trim()}\n` }),
  };
}

function fieldErrors(error: unknown): { name: keyof HostValues; errors: string[] }[] {
  const causes = error instanceof ApiError ? (error.details?.causes ?? []) : [];
  return causes.flatMap(({ field, message }) => {
    const name = FIELDS.find((known) => known === field);
    return name ? [{ name, errors: [message] }] : [];
  });
}

const FIELDS: readonly (keyof HostValues)[] = ['type', 'domain', 'username', 'token', 'sshKey'];
