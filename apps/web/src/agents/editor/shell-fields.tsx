import { ShellType } from '@wegent/api';
import { isMapping } from '@wegent/kube';
import { useTranslation } from 'react-i18next';
import { type AgentDocument, keyOf } from '../draft/agent-document.ts';
import { withChange } from '../draft/agent-draft.ts';
import { PROVIDER_NAMES } from '../draft/compatibility.ts';
import { editPart } from '../draft/edit-parts.ts';
import { problemsAt } from '../draft/problems.ts';
import { useEditorControls } from './editor-context.tsx';
import { OwnPart } from './own-part.tsx';
import { SandboxFields } from './sandbox-fields.tsx';
import { TagsField } from './tags-field.tsx';
import { ChoiceField, NumberField } from './text-field.tsx';

const TIMEOUTS = [
  { field: 'turnSeconds', usual: '3600', max: 86_400 },
  { field: 'idleSeconds', usual: '300', max: 86_400 },
  { field: 'startSeconds', usual: '120', max: 3600 },
] as const;
const PROVIDERS = ['openai', 'claude', 'gemini'];

/** A Shell that the person may change: engine, models that it takes, limits of the sandbox, times. */
export function ShellFields({ shell, locked }: { shell: AgentDocument; locked: boolean }) {
  const { t } = useTranslation('agents');
  const { scope, problems, edit } = useEditorControls();
  const { spec } = shell;
  const key = keyOf(shell);
  const type = ShellType.safeParse(spec.shellType).data ?? 'Chat';
  const set = (change: Record<string, unknown>) => edit((draft) => editPart(draft, shell, change));
  const at = (field: string) => problemsAt(problems, key, `spec.${field}`);
  const timeouts = isMapping(spec.timeouts) ? spec.timeouts : {};
  const retry = isMapping(spec.retry) ? spec.retry : {};
  const setIn = (field: 'timeouts' | 'retry', before: Record<string, unknown>, change: object) => {
    const next = withChange(before, { ...change });
    set({ [field]: Object.keys(next).length === 0 ? undefined : next });
  };
  return (
    <OwnPart part={shell} title={t('form.editShell')} unfolded={!scope.catalog.objects.has(key)}>
      <div className="grid items-start gap-x-4 sm:grid-cols-2">
        <ChoiceField<ShellType>
          label={t('form.shellType')}
          problems={at('shellType')}
          locked={locked}
          value={type}
          options={ShellType.options.map((value) => ({ value, label: ENGINES[value] }))}
          onChange={(shellType) => set({ shellType })}
        />
        {type !== 'Dify' && (
          <TagsField
            label={t('form.supportModel')}
            hint={t('form.supportModelHint')}
            problems={at('supportModel')}
            locked={locked}
            value={spec.supportModel}
            options={PROVIDERS.map((value) => ({ value, label: PROVIDER_NAMES[value] ?? value }))}
            onChange={(supportModel) => set({ supportModel })}
          />
        )}
      </div>
      {(type === 'ClaudeCode' || type === 'Agno') && <SandboxFields shell={shell} locked={locked} />}
      <div className="grid grid-cols-2 items-start gap-x-4 lg:grid-cols-4">
        {TIMEOUTS.map(({ field, usual, max }) => (
          <NumberField
            key={field}
            min={1}
            max={max}
            suffix={t('form.seconds')}
            placeholder={usual}
            label={t(`form.${field}`)}
            problems={at(`timeouts.${field}`)}
            locked={locked}
            value={timeouts[field]}
            onChange={(value) => setIn('timeouts', timeouts, { [field]: value })}
          />
        ))}
        <NumberField
          min={1}
          max={10}
          placeholder="3"
          label={t('form.maxAttempts')}
          problems={at('retry.maxAttempts')}
          locked={locked}
          value={retry.maxAttempts}
          onChange={(value) => setIn('retry', retry, { maxAttempts: value })}
        />
      </div>
    </OwnPart>
  );
}

const ENGINES: Record<ShellType, string> = {
  Chat: 'Chat',
  ClaudeCode: 'Claude Code',
  Agno: 'Agno',
  Dify: 'Dify',
};
