import { ObjectName } from '@wegent/api';
import { Checkbox, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { slugOf } from '../../models/model-draft.ts';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { keyOf } from '../draft/agent-document.ts';
import { editSpec, teamOf } from '../draft/agent-draft.ts';
import { renameTeam } from '../draft/names.ts';
import { problemsAt } from '../draft/problems.ts';
import { editWords, type TeamWords, textOf, wordsOf } from '../draft/words.ts';
import { useEditorControls } from './editor-context.tsx';
import { Field, Section } from './field.tsx';
import { QuickPromptFields } from './quick-prompt-fields.tsx';

/** What the agent is called, what it is for and where it shows. */
export function AgentFields() {
  const { t } = useTranslation('agents');
  const { draft, scope, stored, isNew, readOnly, problems, edit } = useEditorControls();
  const { language } = useAppearance().appearance;
  const team = teamOf(draft);
  if (!team) return null;
  const key = keyOf(team);
  const { spec, metadata } = team;
  const at = (field: string) => problemsAt(problems, key, field);
  const set = (change: Record<string, unknown>) => edit((before) => editSpec(before, key, change));
  const rename = (name: string) =>
    edit((before) => renameTeam({ ...scope, draft: before }, name, (part) => stored.has(part)));

  const words = wordsOf(team, language);
  const { title } = words;
  const say = (change: Partial<TeamWords>) =>
    edit((before) => editWords(before, key, { ...change, language }));
  const retitle = (next: string) => {
    // A name follows what it is made from until the person gives one.
    const follows = isNew && (metadata.name === slugOf(title) || metadata.name === '');
    edit((before) => {
      const titled = editWords(before, key, { title: next, language });
      const slug = slugOf(next);
      const usable = follows && ObjectName.safeParse(slug).success;
      return usable ? renameTeam({ ...scope, draft: titled }, slug, (part) => stored.has(part)) : titled;
    });
  };
  return (
    <Section title={t('form.about')}>
      <div className="grid gap-x-4 sm:grid-cols-2">
        <Field label={t('form.displayName')} hint={t('form.displayNameHint')}>
          {(control) => (
            <Input
              {...control}
              value={title}
              maxLength={100}
              disabled={readOnly}
              autoComplete="off"
              onChange={({ target }) => retitle(target.value)}
            />
          )}
        </Field>
        <Field label={t('form.name')} hint={t('form.nameHint')} problems={at('metadata.name')}>
          {(control) => (
            <Input
              {...control}
              value={metadata.name}
              maxLength={100}
              spellCheck={false}
              autoComplete="off"
              readOnly={!isNew}
              disabled={readOnly}
              variant={isNew ? 'outlined' : 'filled'}
              onChange={({ target }) => rename(target.value)}
            />
          )}
        </Field>
      </div>
      <Field label={t('form.description')} hint={t('form.descriptionHint')} problems={at('spec.description')}>
        {(control) => (
          <Input.TextArea
            {...control}
            value={words.description}
            autoSize={{ minRows: 2, maxRows: 6 }}
            disabled={readOnly}
            onChange={({ target }) => say({ description: target.value })}
          />
        )}
      </Field>
      <div className="grid gap-x-4 sm:grid-cols-2">
        <Field label={t('form.icon')} hint={t('form.iconHint')} problems={at('spec.icon')}>
          {(control) => (
            <Input
              {...control}
              value={textOf(spec.icon)}
              maxLength={64}
              disabled={readOnly}
              className="max-w-32"
              onChange={({ target }) => set({ icon: target.value || undefined })}
            />
          )}
        </Field>
        <Field
          label={t('form.showsIn')}
          problems={at('spec.bind_mode')}
          hint={Array.isArray(spec.bind_mode) && spec.bind_mode.length === 0 && t('form.showsInNone')}
        >
          {({ id }) => (
            <Checkbox.Group
              // A label cannot name a group of boxes, so the group takes the id and its own name.
              {...{ id, 'aria-label': t('form.showsIn') }}
              value={Array.isArray(spec.bind_mode) ? spec.bind_mode : ['chat', 'code']}
              disabled={readOnly}
              options={(['chat', 'code'] as const).map((value) => ({ value, label: t(`form.${value}`) }))}
              onChange={(value) => set({ bind_mode: value })}
              className="min-h-9 items-center"
            />
          )}
        </Field>
      </div>
      <QuickPromptFields
        prompts={words.quickPrompts}
        problems={at('spec.quickPrompts')}
        onChange={(quickPrompts) => say({ quickPrompts })}
      />
    </Section>
  );
}
