import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { keyOf, readReference } from '../draft/agent-document.ts';
import { teamOf } from '../draft/agent-draft.ts';
import { problemsAt } from '../draft/problems.ts';
import { BotSelect } from './bot-select.tsx';
import { useEditorControls } from './editor-context.tsx';
import { Field } from './field.tsx';

/** Stands where the Bot of a member would be: its reference leads nowhere. */
export function MissingBot({ member, index }: { member: Record<string, unknown>; index: number }) {
  const { t } = useTranslation('agents');
  const { draft, problems } = useEditorControls();
  const team = teamOf(draft);
  const found = team ? problemsAt(problems, keyOf(team), `spec.members[${index}].botRef`) : [];
  return (
    <>
      <Alert
        type="error"
        showIcon
        className="mb-4!"
        title={t('form.missingBot', { name: readReference(member.botRef)?.name ?? '–' })}
      />
      <Field label={t('form.chooseBot')} problems={found}>
        {(control) => <BotSelect control={control} index={index} value={undefined} />}
      </Field>
    </>
  );
}
