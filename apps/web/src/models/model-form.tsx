import type { ModelTestResult, ResourceObject } from '@wegent/api';
import { App, Button, Form } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { AdvancedFields } from './advanced-fields.tsx';
import { BasicFields } from './basic-fields.tsx';
import { type ModelDraft, objectOf } from './model-draft.ts';
import type { Preset } from './presets.ts';
import { TestPanel } from './test-panel.tsx';
import { useSaveModel, useTestModel } from './use-models.ts';

interface ModelFormProps {
  preset: Preset;
  initial: ModelDraft;
  /** The document that is edited; a new one is made without it. */
  stored?: ResourceObject;
  onChangeProvider?: () => void;
  onDone: () => void;
}

/** The form of a Model, with a live test of exactly what would be saved. */
export function ModelForm({ preset, initial, stored, onChangeProvider, onDone }: ModelFormProps) {
  const { t } = useTranslation('models');
  const { message } = App.useApp();
  const [form] = Form.useForm<ModelDraft>();
  const [tested, setTested] = useState<{ fingerprint: string; result: ModelTestResult }>();
  const test = useTestModel();
  const save = useSaveModel();
  // A second one, whose progress nobody watches.
  const retest = useTestModel();
  const values = Form.useWatch([], form) as ModelDraft | undefined;
  const current = objectOf({ ...initial, ...form.getFieldsValue(true), ...values }, stored);
  const fingerprint = JSON.stringify(current.spec);
  const fresh = tested?.fingerprint === fingerprint;
  const ready = fresh && tested.result.ok;

  const runTest = async () => {
    const draft = await form.validateFields(['modelId', 'baseUrl', 'apiKey']).catch(() => undefined);
    if (!draft) return;
    const { name, namespace } = current.metadata;
    const result = await test.mutateAsync({ namespace, ...(stored ? { name } : {}), spec: current.spec });
    setTested({ fingerprint, result });
  };

  const submit = async () => {
    const { metadata } = await save.mutateAsync(current);
    // Only the test of a stored model is kept with it, so that the list says what was seen here.
    if (fresh) retest.mutate({ namespace: metadata.namespace, name: metadata.name });
    void message.success(t('form.saved', { name: form.getFieldValue('displayName') as string }));
    onDone();
  };

  return (
    <Form<ModelDraft>
      form={form}
      layout="vertical"
      initialValues={initial}
      onFinish={() => void submit().catch(() => undefined)}
      scrollToFirstError
      className="flex h-full flex-col"
    >
      <div className="flex-1 overflow-y-auto px-6 py-5">
        {onChangeProvider && (
          <Button type="link" size="small" className="mb-4 px-0!" onClick={onChangeProvider}>
            ← {t(`presets.${preset.id}`)} · {t('form.changeProvider')}
          </Button>
        )}
        <BasicFields preset={preset} stored={stored !== undefined} />
        <AdvancedFields />
      </div>
      <div className="flex flex-none flex-col gap-3 border-t border-line px-6 py-4">
        {save.error && <ErrorNotice error={save.error} />}
        <TestPanel pending={test.isPending} error={test.error} result={tested?.result} fresh={fresh} />
        <div className="flex justify-end gap-2">
          <Button
            type={ready ? 'default' : 'primary'}
            loading={test.isPending}
            onClick={() => void runTest().catch(() => undefined)}
          >
            {t(tested ? 'test.again' : 'test.action')}
          </Button>
          <Button type={ready ? 'primary' : 'default'} htmlType="submit" loading={save.isPending}>
            {t(ready ? 'form.save' : fresh ? 'form.saveAnyway' : 'form.saveUntested')}
          </Button>
        </div>
      </div>
    </Form>
  );
}
