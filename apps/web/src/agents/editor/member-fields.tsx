import { Checkbox, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { keyOf } from '../draft/agent-document.ts';
import { teamOf } from '../draft/agent-draft.ts';
import { editMember, setLeader } from '../draft/edit-members.ts';
import { problemsAt } from '../draft/problems.ts';
import { textOf } from '../draft/words.ts';
import { useEditorControls } from './editor-context.tsx';
import { Field } from './field.tsx';

/** What the Team says about a member. */
export function MemberFields({
  member,
  index,
  count,
}: {
  member: Record<string, unknown>;
  index: number;
  count: number;
}) {
  const { t } = useTranslation('agents');
  const { draft, readOnly, problems, edit } = useEditorControls();
  const team = teamOf(draft);
  if (!team) return null;
  const at = (field: string) => problemsAt(problems, keyOf(team), `spec.members[${index}].${field}`);
  const set = (change: Record<string, unknown>) => edit((before) => editMember(before, index, change));
  const mode = team.spec.collaborationModel;
  const pipeline = mode === 'pipeline';
  const led = count > 1 && (mode === 'route' || mode === 'coordinate');
  return (
    <>
      <div className="grid items-start gap-x-4 sm:grid-cols-2">
        <Field label={t('form.memberName')} problems={at('name')}>
          {(control) => (
            <Input
              {...control}
              value={textOf(member.name)}
              maxLength={100}
              spellCheck={false}
              disabled={readOnly}
              onChange={({ target }) => set({ name: target.value || undefined })}
            />
          )}
        </Field>
        <div className="flex flex-col gap-2 pb-5 sm:pt-8">
          {!pipeline && count > 1 && (
            <Checkbox
              checked={member.role === 'leader'}
              disabled={readOnly}
              onChange={({ target }) => edit((before) => setLeader(before, index, target.checked))}
            >
              {t('form.leads')}
            </Checkbox>
          )}
          {pipeline && index < count - 1 && (
            <Checkbox
              checked={member.requireConfirmation === true}
              disabled={readOnly}
              onChange={({ target }) => set({ requireConfirmation: target.checked || undefined })}
            >
              {t('form.confirm')}
            </Checkbox>
          )}
        </div>
      </div>
      {led && member.role !== 'leader' && (
        <Field
          label={t('form.memberDescription')}
          hint={t('form.memberDescriptionHint')}
          problems={at('description')}
        >
          {(control) => (
            <Input
              {...control}
              value={textOf(member.description)}
              maxLength={2000}
              disabled={readOnly}
              onChange={({ target }) => set({ description: target.value || undefined })}
            />
          )}
        </Field>
      )}
      <Field label={t('form.ownPrompt')} hint={t('form.ownPromptHint')} problems={at('prompt')}>
        {(control) => (
          <Input.TextArea
            {...control}
            value={textOf(member.prompt)}
            autoSize={{ minRows: 1, maxRows: 8 }}
            disabled={readOnly}
            onChange={({ target }) => set({ prompt: target.value || undefined })}
          />
        )}
      </Field>
    </>
  );
}
