import { CopyOutlined } from '@ant-design/icons';
import { PUBLIC_NAMESPACE } from '@wegent/api';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { type AgentDocument, keyOf, placeOfKey, readReference } from '../draft/agent-document.ts';
import { documentsOfKind, resolveIn } from '../draft/catalog.ts';
import { addDocuments } from '../draft/edit-members.ts';
import { ownShell, setPart } from '../draft/edit-parts.ts';
import { problemsAt } from '../draft/problems.ts';
import { localName } from '../localise.ts';
import { useEditorControls } from './editor-context.tsx';
import { Field } from './field.tsx';

/** What a Bot runs on; says so when that cannot run on this server now. */
export function RuntimeField({ bot, locked }: { bot: AgentDocument; locked: boolean }) {
  const { t } = useTranslation('agents');
  const { scope, problems, spaces, edit } = useEditorControls();
  const { language } = useAppearance().appearance;
  const key = keyOf(bot);
  const reference = readReference(bot.spec.shellRef);
  const shell = reference && resolveIn(scope, 'Shell', reference, bot.metadata.namespace);
  const { catalog } = scope;
  const makeOwn = () =>
    edit((draft) => {
      if (!shell) return draft;
      const own = ownShell({ draft, catalog }, bot, shell);
      const place = placeOfKey(keyOf(own));
      return setPart(addDocuments(draft, [own]), { bot: key, kind: 'Shell', place, catalog });
    });
  const shared =
    shell && (!spaces.canWrite(shell.metadata.namespace) || shell.metadata.namespace === PUBLIC_NAMESPACE);
  return (
    <Field
      label={t('form.runtime')}
      problems={problemsAt(problems, key, 'spec.shellRef')}
      hint={
        !locked &&
        shared &&
        bot.metadata.namespace !== PUBLIC_NAMESPACE && (
          <Button
            type="link"
            size="small"
            className="h-auto! px-0! text-[13px]!"
            icon={<CopyOutlined />}
            onClick={makeOwn}
          >
            {t('form.copyShell')}
          </Button>
        )
      }
    >
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
            edit((draft) => setPart(draft, { bot: key, kind: 'Shell', place: placeOfKey(value), catalog }))
          }
        />
      )}
    </Field>
  );
}
