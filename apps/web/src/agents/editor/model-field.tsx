import { PlusOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import Link from 'next/link';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import {
  type AgentDocument,
  type DocumentPlace,
  keyOf,
  placeOfKey,
  readReference,
} from '../draft/agent-document.ts';
import { documentsOfKind, resolveIn } from '../draft/catalog.ts';
import { mismatchOf, PROVIDER_NAMES } from '../draft/compatibility.ts';
import { addDocuments } from '../draft/edit-members.ts';
import { newModel, setPart } from '../draft/edit-parts.ts';
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
  const dify = shell?.spec.shellType === 'Dify';
  const { catalog } = scope;
  const choose = (place: DocumentPlace | undefined) =>
    edit((draft) => setPart(draft, { bot: key, kind: 'Model', place, catalog }));
  const makeOwn = () =>
    edit((draft) => {
      const own = newModel({ draft, catalog }, bot, shell);
      const place = placeOfKey(keyOf(own));
      return setPart(addDocuments(draft, [own]), { bot: key, kind: 'Model', place, catalog });
    });
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
      label={t(dify ? 'form.editApplication' : 'form.model')}
      problems={problemsAt(problems, key, 'spec.modelRef')}
      hint={
        <span className="flex flex-wrap items-center gap-x-4">
          <Link href="/library/models">{t('form.manageModels')}</Link>
          {!locked && model?.spec.isCustomConfig !== true && (
            <Button
              type="link"
              size="small"
              className="h-auto! px-0! text-[13px]!"
              icon={<PlusOutlined />}
              onClick={makeOwn}
            >
              {t(dify ? 'form.newApplication' : 'form.newModel')}
            </Button>
          )}
        </span>
      }
    >
      {(control) => (
        <Select
          {...control}
          className="w-full"
          allowClear={{ label: t('form.clearModel') }}
          disabled={locked}
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t(dify ? 'form.noApplication' : 'form.noModel')}
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
            choose(value === undefined ? undefined : placeOfKey(value))
          }
        />
      )}
    </Field>
  );
}
