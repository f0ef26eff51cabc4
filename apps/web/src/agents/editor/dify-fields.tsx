import { MASK } from '@wegent/api';
import { Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { type AgentDocument, keyOf } from '../draft/agent-document.ts';
import { editPart } from '../draft/edit-parts.ts';
import { DIFY_NAMES, envChange, envOf, nameIn } from '../draft/model-env.ts';
import { problemsAt } from '../draft/problems.ts';
import { textOf } from '../draft/words.ts';
import { DifyApplication } from './dify-application.tsx';
import { useEditorControls } from './editor-context.tsx';
import { Field } from './field.tsx';
import { TextField } from './text-field.tsx';

/** A Dify application: where it is, its key, the inputs it is given, and what it says that it is. */
export function DifyFields({ model, locked }: { model: AgentDocument; locked: boolean }) {
  const { t } = useTranslation('agents');
  const { t: models } = useTranslation('models');
  const { problems, edit } = useEditorControls();
  const env = envOf(model);
  const set = (change: Record<string, unknown>) =>
    edit((draft) => editPart(draft, model, envChange(model, change)));
  const at = (name: string) => problemsAt(problems, keyOf(model), `spec.modelConfig.env.${name}`);
  const address = nameIn(env, DIFY_NAMES.baseUrl);
  const secret = nameIn(env, DIFY_NAMES.apiKey);
  return (
    <>
      <DifyApplication model={model} />
      <div className="grid items-start gap-x-4 sm:grid-cols-2">
        <TextField
          label={t('form.difyAddress')}
          hint={t('form.difyAddressHint')}
          placeholder="https://api.dify.ai/v1"
          problems={at(address)}
          locked={locked}
          value={env[address]}
          onChange={(value) => set({ [address]: value })}
        />
        <TextField
          secret
          label={t('form.difyKey')}
          hint={env[secret] === MASK ? models('form.apiKeyKeep') : t('form.difyKeyHint')}
          placeholder="app-…"
          problems={at(secret)}
          locked={locked}
          value={env[secret]}
          // Without one of its values it would be a Model like any other.
          onChange={(value) => set({ [secret]: value ?? '' })}
        />
      </div>
      <Field label={t('form.difyInputs')} hint={t('form.difyInputsHint')} problems={at('DIFY_PARAMS')}>
        {(control) => (
          <Input.TextArea
            {...control}
            value={textOf(env.DIFY_PARAMS)}
            disabled={locked}
            autoSize={{ minRows: 1, maxRows: 8 }}
            spellCheck={false}
            placeholder='{"city": "Bonn"}'
            onChange={({ target }) => set({ DIFY_PARAMS: target.value || undefined })}
          />
        )}
      </Field>
    </>
  );
}
