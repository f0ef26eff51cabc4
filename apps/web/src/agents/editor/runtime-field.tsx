import { Select } from 'antd';
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
import { problemsAt } from '../draft/problems.ts';
import { localName } from '../localise.ts';
import { useEditorControls } from './editor-context.tsx';
import { Field } from './field.tsx';

/** What a Bot runs on; says so when that cannot run on this server now. */
export function RuntimeField({ bot, locked }: { bot: AgentDocument; locked: boolean }) {
  const { t } = useTranslation('agents');
  const { scope, problems, edit } = useEditorControls();
  const { language } = useAppearance().appearance;
  const key = keyOf(bot);
  const reference = readReference(bot.spec.shellRef);
  const shell = reference && resolveIn(scope, 'Shell', reference, bot.metadata.namespace);
  return (
    <Field label={t('form.runtime')} problems={problemsAt(problems, key, 'spec.shellRef')}>
      {(control) => (
        <Select
          {...control}
          className="w-full"
          disabled={locked}
          {...(shell ? { value: keyOf(shell) } : reference ? { value: reference.name } : {})}
          options={documentsOfKind(scope, 'Shell').map((option) => ({
            value: keyOf(option),
            label: localName(option.metadata, language),
          }))}
          onChange={(value: string) =>
            edit((draft) =>
              editSpec(draft, key, { shellRef: referenceTo(placeOfKey(value), bot.metadata.namespace) }),
            )
          }
        />
      )}
    </Field>
  );
}
