import { MASK, ObjectName, PUBLIC_NAMESPACE } from '@wegent/api';
import { AutoComplete, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useUser } from '../session/session-provider.tsx';
import { useRequired } from '../ui/use-required.ts';
import { ConnectionFields } from './connection-fields.tsx';
import { type ModelDraft, slugOf } from './model-draft.ts';
import type { Preset } from './presets.ts';

/** Everything that one has to say about a Model. `stored`: its name and space are settled. */
export function BasicFields({ preset, stored }: { preset: Preset; stored: boolean }) {
  const { t } = useTranslation('models');
  const form = Form.useFormInstance<ModelDraft>();
  const { namespace, role } = useUser();
  const required = useRequired();

  const fill = (name: 'name' | 'displayName', value: string) =>
    form.setFields([{ name, value, touched: false }]);
  // A name follows what it is made from until the person gives one.
  const follow = (source: string) => {
    if (!stored && !form.isFieldTouched('name')) fill('name', slugOf(source));
  };
  const nameAfterModel = (modelId: string) => {
    if (stored || form.isFieldTouched('displayName')) return;
    fill('displayName', modelId);
    follow(modelId);
  };

  return (
    <>
      <Form.Item name="modelId" label={t('form.modelId')} extra={t('form.modelIdHint')} rules={[required]}>
        <AutoComplete
          options={preset.suggestions.map((value) => ({ value }))}
          onChange={(value: string) => nameAfterModel(value)}
          showSearch={{ filterOption: (input, option) => String(option?.value).includes(input) }}
          autoFocus={!stored}
          // Enter keeps what was typed; a suggestion is taken only when it was chosen.
          defaultActiveFirstOption={false}
        />
      </Form.Item>
      <ConnectionFields preset={preset} masked={form.getFieldValue('apiKey') === MASK} />
      <div className="grid gap-x-4 sm:grid-cols-2">
        <Form.Item
          name="displayName"
          label={t('form.displayName')}
          extra={t('form.displayNameHint')}
          rules={[required]}
        >
          <Input maxLength={100} autoComplete="off" onChange={(event) => follow(event.target.value)} />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('form.name')}
          extra={t('form.nameHint')}
          rules={[
            required,
            {
              validator: async (_, value: unknown) => {
                if (value && !ObjectName.safeParse(value).success) throw new Error(t('form.badName'));
              },
            },
          ]}
        >
          <Input
            maxLength={100}
            autoComplete="off"
            spellCheck={false}
            readOnly={stored}
            variant={stored ? 'filled' : 'outlined'}
          />
        </Form.Item>
      </div>
      <Form.Item name="namespace" label={t('form.space')} hidden={stored || role !== 'admin'}>
        <Select
          options={[
            { value: namespace, label: t('form.spaceOwn', { name: namespace }) },
            { value: PUBLIC_NAMESPACE, label: t('form.spacePublic') },
          ]}
        />
      </Form.Item>
    </>
  );
}
