import { Select } from 'antd';
import Link from 'next/link';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import {
  type AgentDocument,
  keyOf,
  placeOfKey,
  readReference,
  referenceTo,
} from '../draft/agent-document.ts';
import { editSpec } from '../draft/agent-draft.ts';
import { documentsOfKind, resolveIn } from '../draft/catalog.ts';
import { mismatchOf, PROVIDER_NAMES } from '../draft/compatibility.ts';
import { problemsAt } from '../draft/problems.ts';
import { localName } from '../localise.ts';
import { useEditorControls } from './editor-context.tsx';
import { Field } from './field.tsx';

/** What a Bot thinks with. Models that its runtime does not take are there, disabled, with the reason. */
export function ModelField({ bot, locked }: { bot: AgentDocument; locked: boolean }) {
  const { t } = useTranslation('agents');
  const { scope, problems, edit } = useEditorControls();
  const { language } = useAppearance().appearance;
  const key = keyOf(bot);
  const home = bot.metadata.namespace;
  const target = (kind: 'Model' | 'Shell', value: unknown) => {
    const reference = readReference(value);
    return reference && resolveIn(scope, kind, reference, home);
  };
  const shell = target('Shell', bot.spec.shellRef);
  const model = target('Model', bot.spec.modelRef);
  const models = documentsOfKind(scope, 'Model').filter(
    (option) =>
      option === model || ((option.spec.modelType ?? 'llm') === 'llm' && option.spec.isCustomConfig !== true),
  );
  const options = models.map((option) => {
    const mismatch = shell && mismatchOf(shell, option);
    const name = (provider: string) => PROVIDER_NAMES[provider] ?? provider;
    return {
      value: keyOf(option),
      label: localName(option.metadata, language),
      disabled: mismatch !== undefined,
      reason:
        mismatch &&
        t('form.modelMismatch', {
          speaks: name(mismatch.speaks),
          takes: mismatch.takes.map(name).join(', '),
        }),
    };
  });
  return (
    <Field
      label={t('form.model')}
      problems={problemsAt(problems, key, 'spec.modelRef')}
      hint={<Link href="/library/models">{t('form.manageModels')}</Link>}
    >
      {(control) => (
        <Select
          {...control}
          className="w-full"
          allowClear
          disabled={locked}
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('form.noModel')}
          value={model ? keyOf(model) : readReference(bot.spec.modelRef)?.name}
          options={options}
          optionRender={({ label, data }) => (
            <span className="block">
              <span className="block truncate">{label}</span>
              {data.reason && (
                <span className="block text-[12px] leading-4 whitespace-normal text-muted">
                  {data.reason}
                </span>
              )}
            </span>
          )}
          onChange={(value: string | undefined) =>
            edit((draft) =>
              editSpec(draft, key, {
                modelRef: value === undefined ? undefined : referenceTo(placeOfKey(value), home),
              }),
            )
          }
        />
      )}
    </Field>
  );
}
