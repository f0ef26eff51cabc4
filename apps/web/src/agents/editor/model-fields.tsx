import { MASK } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { PROTOCOLS, type Protocol } from '../../models/presets.ts';
import { type AgentDocument, keyOf } from '../draft/agent-document.ts';
import { protocolOf } from '../draft/compatibility.ts';
import { editPart } from '../draft/edit-parts.ts';
import {
  envChange,
  envOf,
  isDifyModel,
  MODEL_NAMES,
  nameIn,
  otherValues,
  otherValuesChange,
} from '../draft/model-env.ts';
import { problemsAt } from '../draft/problems.ts';
import { DifyFields } from './dify-fields.tsx';
import { useEditorControls } from './editor-context.tsx';
import { ModelAbilityFields } from './model-ability-fields.tsx';
import { OwnPart } from './own-part.tsx';
import { PairsField } from './pairs-field.tsx';
import { ChoiceField, TextField } from './text-field.tsx';

/** A Model that the person may change: provider, id, key, address, and what else its environment says. */
export function ModelFields({ model, locked }: { model: AgentDocument; locked: boolean }) {
  const { t } = useTranslation('agents');
  const { t: models } = useTranslation('models');
  const { scope, problems, edit } = useEditorControls();
  const dify = isDifyModel(model);
  const env = envOf(model);
  const key = keyOf(model);
  const set = (change: Record<string, unknown>) =>
    edit((draft) => editPart(draft, model, envChange(model, change)));
  const at = (name: string) => problemsAt(problems, key, `spec.modelConfig.env.${name}`);
  const names = {
    modelId: nameIn(env, MODEL_NAMES.modelId),
    apiKey: nameIn(env, MODEL_NAMES.apiKey),
    baseUrl: nameIn(env, MODEL_NAMES.baseUrl),
  };
  return (
    <OwnPart
      part={model}
      title={t(dify ? 'form.editApplication' : 'form.editModel')}
      unfolded={dify || !scope.catalog.objects.has(key)}
    >
      {dify ? (
        <DifyFields model={model} locked={locked} />
      ) : (
        <>
          <div className="grid items-start gap-x-4 sm:grid-cols-2">
            <ChoiceField<Protocol>
              label={models('form.protocol')}
              problems={at('model')}
              locked={locked}
              value={FROM_RUN[protocolOf(model)]}
              options={PROTOCOLS.map((value) => ({ value, label: models(`form.protocols.${value}`) }))}
              onChange={(value) => set({ model: value })}
            />
            <TextField
              label={models('form.modelId')}
              problems={at(names.modelId)}
              locked={locked}
              value={env[names.modelId]}
              onChange={(value) => set({ [names.modelId]: value ?? '' })}
            />
            <TextField
              secret
              label={models('form.apiKey')}
              hint={env[names.apiKey] === MASK && models('form.apiKeyKeep')}
              problems={at(names.apiKey)}
              locked={locked}
              value={env[names.apiKey]}
              onChange={(value) => set({ [names.apiKey]: value })}
            />
            <TextField
              label={models('form.baseUrl')}
              hint={models('form.baseUrlHint')}
              problems={at(names.baseUrl)}
              locked={locked}
              value={env[names.baseUrl]}
              onChange={(value) => set({ [names.baseUrl]: value })}
            />
          </div>
          <div className="grid items-start gap-x-4 sm:grid-cols-2">
            <PairsField
              label={t('form.mcpHeaders')}
              hint={t('form.mcpSecretHint')}
              separator=":"
              value={env.DEFAULT_HEADERS}
              locked={locked}
              onChange={(headers) => set({ DEFAULT_HEADERS: headers })}
            />
            <PairsField
              label={t('form.otherValues')}
              hint={t('form.otherValuesHint')}
              separator="="
              value={otherValues(env)}
              locked={locked}
              onChange={(values) => set(otherValuesChange(env, values))}
            />
          </div>
          <ModelAbilityFields model={model} locked={locked} />
        </>
      )}
    </OwnPart>
  );
}

const FROM_RUN = {
  'openai-chat': 'openai',
  'openai-responses': 'openai-responses',
  anthropic: 'claude',
  gemini: 'gemini',
} as const;
