import {
  ArrowDownOutlined,
  ArrowUpOutlined,
  DeleteOutlined,
  DownOutlined,
  RightOutlined,
} from '@ant-design/icons';
import { Button, Checkbox, Input, Tag } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Monogram } from '../../ui/monogram.tsx';
import { keyOf, readReference } from '../draft/agent-document.ts';
import { teamOf } from '../draft/agent-draft.ts';
import {
  botOfMember,
  editMember,
  moveMember,
  nameOfMember,
  removeMember,
  setLeader,
} from '../draft/edit-members.ts';
import { problemsAt } from '../draft/problems.ts';
import { textOf } from '../draft/words.ts';
import { BotFields } from './bot-fields.tsx';
import { useEditorControls } from './editor-context.tsx';
import { Field } from './field.tsx';
import { MissingBot } from './missing-bot.tsx';

interface MemberProps {
  member: Record<string, unknown>;
  index: number;
  count: number;
}

/** One member: its place and role, and, opened, everything that it is. */
export function MemberCard({ member, index, count }: MemberProps) {
  const { t } = useTranslation('agents');
  const { scope, readOnly, edit, open, setOpen } = useEditorControls();
  const body = useId();
  const isOpen = open.has(index);
  const name = nameOfMember(scope, member) || String(index + 1);
  const bot = botOfMember(scope, member);
  const shell = readReference(bot?.spec.shellRef)?.name;
  const model = readReference(bot?.spec.modelRef)?.name;
  const wrong = useMemberProblems(member, index);
  return (
    <div data-testid="member" className="rounded-xl border border-line">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 p-2.5">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={body}
          aria-label={t(isOpen ? 'form.close' : 'form.open', { name })}
          className="flex min-w-0 flex-1 cursor-pointer items-center gap-2.5 text-left"
          onClick={() => setOpen(index, !isOpen)}
        >
          <span className="text-[11px] text-faint" aria-hidden="true">
            {isOpen ? <DownOutlined /> : <RightOutlined />}
          </span>
          <Monogram name={name} size={32} />
          <span className="min-w-0">
            <span className="flex flex-wrap items-center gap-x-2">
              <span className="truncate font-medium">{name}</span>
              {member.role === 'leader' && count > 1 && <Tag color="processing">{t('form.leader')}</Tag>}
              {wrong.length > 0 && (
                <Tag color={wrong.some(({ severity }) => severity === 'error') ? 'error' : 'warning'}>
                  {wrong.length}
                </Tag>
              )}
            </span>
            <span className="block truncate text-[13px] leading-5 text-muted">
              {[shell, model ?? t('form.noModel')].filter(Boolean).join(' · ')}
            </span>
          </span>
        </button>
        {!readOnly && (
          <span className="flex flex-none">
            <Button
              type="text"
              icon={<ArrowUpOutlined />}
              disabled={index === 0}
              aria-label={t('form.moveUp', { name })}
              onClick={() => edit((draft) => moveMember(draft, index, index - 1))}
            />
            <Button
              type="text"
              icon={<ArrowDownOutlined />}
              disabled={index === count - 1}
              aria-label={t('form.moveDown', { name })}
              onClick={() => edit((draft) => moveMember(draft, index, index + 1))}
            />
            <Button
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t('form.removeMember', { name })}
              onClick={() => edit((draft) => removeMember(draft, index))}
            />
          </span>
        )}
      </div>
      {isOpen && (
        <div id={body} className="border-t border-line p-4">
          <MemberFields member={member} index={index} count={count} />
          {bot ? <BotFields bot={bot} index={index} /> : <MissingBot member={member} index={index} />}
        </div>
      )}
    </div>
  );
}

/** What the Team says about a member. */
function MemberFields({ member, index, count }: MemberProps) {
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

function useMemberProblems(member: Record<string, unknown>, index: number) {
  const { draft, scope, problems } = useEditorControls();
  const team = teamOf(draft);
  const bot = botOfMember(scope, member);
  const ghost = readReference(bot?.spec.ghostRef);
  return [
    ...(team ? problemsAt(problems, keyOf(team), `spec.members[${index}]`) : []),
    ...(bot ? problemsAt(problems, keyOf(bot)) : []),
    ...(bot && ghost
      ? problemsAt(problems, `Ghost/${ghost.namespace ?? bot.metadata.namespace}/${ghost.name}`)
      : []),
  ];
}
