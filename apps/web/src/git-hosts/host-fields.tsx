import type { GitHost, GitHostType } from '@wegent/api';
import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useRequired } from '../ui/use-required.ts';
import { HOST_TYPES, tokenPage } from './host-types.ts';
import { SshKeyField } from './ssh-key-field.tsx';

/** What is filled in to connect a host. */
export interface HostValues {
  type: GitHostType;
  domain: string;
  username?: string;
  token?: string;
  sshKey?: string;
}

/** Type, host and credential; each type says where its token is made and what it must allow. */
export function HostFields({ stored }: { stored: GitHost | undefined }) {
  const { t } = useTranslation('git');
  const required = useRequired();
  const form = Form.useFormInstance<HostValues>();
  const type = Form.useWatch('type', form) ?? form.getFieldValue('type');
  const domain = Form.useWatch('domain', form) ?? '';
  const info = HOST_TYPES.find((entry) => entry.type === type);
  const page = info && tokenPage(info, domain);
  return (
    <>
      <Form.Item name="type" label={t('form.type')}>
        <Select
          options={HOST_TYPES.map((entry) => ({ value: entry.type, label: t(`types.${entry.type}`) }))}
          onChange={(next: GitHostType) => {
            if (stored) return;
            const usual = HOST_TYPES.find((entry) => entry.type === next)?.domain ?? '';
            // What the person typed stays; what was only suggested goes.
            if (domain === '' || HOST_TYPES.some((entry) => entry.domain === domain))
              form.setFieldValue('domain', usual);
          }}
        />
      </Form.Item>
      <Form.Item name="domain" label={t('form.domain')} rules={[required]} extra={t('form.domainHint')}>
        <Input disabled={stored !== undefined} spellCheck={false} placeholder="git.example.org:8443" />
      </Form.Item>
      {type === 'git' && (
        <Form.Item name="username" label={t('form.username')} extra={t('form.usernameHint')}>
          <Input autoComplete="off" spellCheck={false} />
        </Form.Item>
      )}
      <Form.Item
        name="token"
        label={t(type === 'git' ? 'form.password' : 'form.token')}
        rules={type === 'git' ? [] : [required]}
        extra={
          <>
            {info?.scopes && (
              <span>
                {t('form.scopes')} <code className="text-ink">{info.scopes}</code>{' '}
              </span>
            )}
            {page && (
              <a href={page} target="_blank" rel="noopener noreferrer">
                {t('form.makeToken', { domain: domain.trim() })} ↗
              </a>
            )}
          </>
        }
      >
        <Input.Password
          autoComplete="new-password"
          spellCheck={false}
          placeholder={stored?.hasToken ? t('form.newToken') : ''}
        />
      </Form.Item>
      <SshKeyField stored={stored?.hasSshKey ?? false} startOpen={type === 'git'} />
    </>
  );
}
