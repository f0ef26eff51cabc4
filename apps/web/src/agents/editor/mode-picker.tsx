import { CollaborationModel } from '@wegent/api';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { keyOf } from '../draft/agent-document.ts';
import { editSpec, teamOf } from '../draft/agent-draft.ts';
import { problemsAt } from '../draft/problems.ts';
import { useEditorControls } from './editor-context.tsx';
import { Section } from './field.tsx';
import { LimitFields } from './limit-fields.tsx';
import { ModeDrawing } from './mode-drawing.tsx';
import { ProblemLine } from './problem-line.tsx';

/** How the members work together, each mode with a drawing of it and what it means. */
export function ModePicker() {
  const { t } = useTranslation('agents');
  const { draft, readOnly, problems, edit } = useEditorControls();
  const name = useId();
  const team = teamOf(draft);
  if (!team) return null;
  const key = keyOf(team);
  const mode = team.spec.collaborationModel ?? 'solo';
  const set = (change: Record<string, unknown>) => edit((before) => editSpec(before, key, change));
  return (
    <Section title={t('form.mode')}>
      <div
        role="radiogroup"
        aria-label={t('form.mode')}
        className="grid gap-2 sm:grid-cols-[repeat(auto-fit,minmax(240px,1fr))]"
      >
        {CollaborationModel.options.map((option) => (
          <label
            key={option}
            className={`flex items-center gap-3 rounded-xl border p-3 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-accent ${
              mode === option ? 'border-accent bg-accent-soft' : 'border-line hover:border-line-strong'
            } ${readOnly ? '' : 'cursor-pointer'}`}
          >
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={mode === option}
              disabled={readOnly}
              onChange={() => set({ collaborationModel: option })}
            />
            <span className="flex-none">
              <ModeDrawing mode={option} />
            </span>
            <span className="min-w-0">
              <span className="block font-medium">{t(`mode.${option}`)}</span>
              <span className="block text-[13px] leading-[18px] text-muted">{t(`modeText.${option}`)}</span>
            </span>
          </label>
        ))}
      </div>
      {problemsAt(problems, key, 'spec.collaborationModel').map((problem) => (
        <ProblemLine key={problem.field} problem={problem} />
      ))}
      <LimitFields team={team} />
    </Section>
  );
}
