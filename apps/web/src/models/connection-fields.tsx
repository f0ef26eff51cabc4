import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { useRequired } from '../ui/use-required.ts';
import type { Preset } from './presets.ts';

/** Key and address. `masked`: a key is stored, and leaving the mask keeps it. */
export function ConnectionFields({ preset, masked }: { preset: Preset; masked: boolean }) {
  const { t } = useTranslation('models');
  const required = useRequired();
  const keyHint = masked ? t('form.apiKeyKeep') : !preset.needsKey && t('form.apiKeyOptional');
  return (
    <>
      <Form.Item
        name="apiKey"
        label={t('form.apiKey')}
        rules={preset.needsKey && !masked ? [required] : []}
        extra={
          keyHint ||
          (preset.keyUrl && (
            <a href={preset.keyUrl} target="_blank" rel="noreferrer">
              {t('form.getKey')} ↗
            </a>
          ))
        }
      >
        <Input.Password
          autoComplete="new-password"
          spellCheck={false}
          visibilityToggle={!masked}
          onFocus={(event) => masked && event.target.select()}
        />
      </Form.Item>
      <Form.Item
        name="baseUrl"
        label={t('form.baseUrl')}
        extra={!preset.ownServer && t('form.baseUrlHint')}
        validateTrigger="onBlur"
        rules={[
          ...(preset.ownServer ? [required] : []),
          { pattern: /^\s*(https?:\/\/\S+\s*)?$/, message: t('form.badUrl') },
        ]}
      >
        <Input inputMode="url" autoComplete="off" spellCheck={false} placeholder={preset.baseUrlExample} />
      </Form.Item>
    </>
  );
}
