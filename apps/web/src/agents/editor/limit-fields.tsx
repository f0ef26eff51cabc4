import { isMapping } from '@wegent/kube';
import { InputNumber } from 'antd';
import { useTranslation } from 'react-i18next';
import { type AgentDocument, keyOf } from '../draft/agent-document.ts';
import { editSpec, withChange } from '../draft/agent-draft.ts';
import { problemsAt } from '../draft/problems.ts';
import { useEditorControls } from './editor-context.tsx';
import { Field } from './field.tsx';

/** How far a turn may go, as far as the mode has such bounds, and how many run at once. */
export function LimitFields({ team }: { team: AgentDocument }) {
  const { t } = useTranslation('agents');
  const { readOnly, problems, edit } = useEditorControls();
  const key = keyOf(team);
  const { spec } = team;
  const mode = spec.collaborationModel ?? 'solo';
  const limits = isMapping(spec.limits) ? spec.limits : {};
  const set = (change: Record<string, unknown>) => edit((draft) => editSpec(draft, key, change));
  const setLimit = (change: Record<string, unknown>) => {
    const next = withChange(limits, change);
    set({ limits: Object.keys(next).length === 0 ? undefined : next });
  };
  const together = mode === 'coordinate' || mode === 'collaborate';
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  return (
    <div className="mt-5 grid items-start gap-x-4 sm:grid-cols-3">
      {mode === 'collaborate' && (
        <Field label={t('form.rounds')} problems={problemsAt(problems, key, 'spec.rounds')}>
          {(control) => (
            <InputNumber
              {...control}
              controls={false}
              min={1}
              max={10}
              precision={0}
              placeholder="2"
              className="w-full!"
              disabled={readOnly}
              value={number(spec.rounds)}
              onChange={(value) => set({ rounds: value ?? undefined })}
            />
          )}
        </Field>
      )}
      {together && (
        <Field label={t('form.parallel')} problems={problemsAt(problems, key, 'spec.limits.parallel')}>
          {(control) => (
            <InputNumber
              {...control}
              controls={false}
              min={1}
              max={64}
              precision={0}
              placeholder={mode === 'coordinate' ? '4' : '8'}
              className="w-full!"
              disabled={readOnly}
              value={number(limits.parallel)}
              onChange={(value) => setLimit({ parallel: value ?? undefined })}
            />
          )}
        </Field>
      )}
      {mode === 'coordinate' && (
        <Field label={t('form.delegations')} problems={problemsAt(problems, key, 'spec.limits.delegations')}>
          {(control) => (
            <InputNumber
              {...control}
              controls={false}
              min={1}
              max={200}
              precision={0}
              placeholder="16"
              className="w-full!"
              disabled={readOnly}
              value={number(limits.delegations)}
              onChange={(value) => setLimit({ delegations: value ?? undefined })}
            />
          )}
        </Field>
      )}
      <Field
        label={t('form.turnLimit')}
        hint={t('form.turnLimitHint')}
        problems={problemsAt(problems, key, 'spec.limits.turns')}
      >
        {(control) => (
          <InputNumber
            {...control}
            controls={false}
            min={0}
            max={1000}
            precision={0}
            placeholder={t('form.turnLimitNone')}
            className="w-full!"
            disabled={readOnly}
            value={number(limits.turns)}
            onChange={(value) => setLimit({ turns: value ?? undefined })}
          />
        )}
      </Field>
      {mode !== 'solo' && (
        <Field
          label={t('form.costLimit')}
          hint={t('form.costLimitHint')}
          problems={problemsAt(problems, key, 'spec.limits.costUsd')}
        >
          {(control) => (
            <InputNumber
              {...control}
              controls={false}
              min={0.01}
              prefix="$"
              className="w-full!"
              disabled={readOnly}
              value={number(limits.costUsd)}
              onChange={(value) => setLimit({ costUsd: value ?? undefined })}
            />
          )}
        </Field>
      )}
    </div>
  );
}
