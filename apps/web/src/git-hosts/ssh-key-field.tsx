import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** A private key for `ssh://` addresses, which few need. */
export function SshKeyField({ stored, startOpen }: { stored: boolean; startOpen: boolean }) {
  const { t } = useTranslation('git');
  const [opened, setOpened] = useState(false);
  if (!opened && !startOpen) {
    return (
      <Button type="link" className="mb-4 px-0!" onClick={() => setOpened(true)}>
        {t(stored ? 'form.changeSshKey' : 'form.addSshKey')}
      </Button>
    );
  }
  return (
    <Form.Item name="sshKey" label={t('form.sshKey')} extra={t('form.sshKeyHint')}>
      <Input.TextArea
        autoSize={{ minRows: 3, maxRows: 8 }}
        spellCheck={false}
        autoComplete="off"
        className="font-mono text-[12px]!"
        placeholder={'-----BEGIN OPENSSH PRIVATE KEY-----\n…'}
      />
    </Form.Item>
  );
}
