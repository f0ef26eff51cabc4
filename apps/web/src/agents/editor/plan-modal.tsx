import { Alert, Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { Waiting } from '../../ui/waiting.tsx';
import { placeOfKey } from '../draft/agent-document.ts';
import type { Problem } from '../draft/problems.ts';
import { PlanStepView } from './plan-step.tsx';
import { ProblemLine } from './problem-line.tsx';
import type { Saving, Verdict } from './use-save.ts';

/** What saving changes, who else it concerns, what stands in its way; and the button that does it. */
export function PlanModal({
  saving,
  problems,
  onShow,
}: {
  saving: Saving;
  problems: readonly Problem[];
  /** Goes to where a problem is. */
  onShow: (problem: Problem) => void;
}) {
  const { t } = useTranslation('agents');
  const { t: common } = useTranslation();
  const { state } = saving;
  if (state.step === 'closed') return null;
  const verdict = 'verdict' in state ? state.verdict : undefined;
  const steps = state.plan.steps.filter(({ action }) => action !== 'same');
  const errors = problems.filter(({ severity }) => severity === 'error');
  const blocked = errors.length > 0 || (verdict?.conflicts.length ?? 0) > 0;
  return (
    <Modal
      open
      width={760}
      title={t('plan.title')}
      onCancel={saving.close}
      footer={
        <>
          <Button onClick={saving.close}>{common('actions.cancel')}</Button>
          <Button
            type="primary"
            disabled={state.step !== 'checked' || blocked || steps.length === 0}
            loading={state.step === 'saving'}
            onClick={() => void saving.save()}
          >
            {t('plan.save')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4" data-testid="plan">
        {state.step === 'failed' && <ErrorNotice error={state.error} onRetry={() => void saving.review()} />}
        {verdict && verdict.saved.length > 0 && <Partly verdict={verdict} />}
        {verdict && <Outcome verdict={verdict} saving={saving} />}
        {problems.length > 0 && (
          <ul aria-label={t('editor.errors', { count: errors.length })}>
            {problems.map((problem) => (
              <li
                key={`${problem.key} ${problem.field} ${problem.code} ${problem.values.text ?? ''}`}
                className="flex items-start gap-3"
              >
                <div className="min-w-0 flex-1">
                  <p className="pt-1.5 text-[13px] leading-5 text-muted">
                    {placeOfKey(problem.key).kind} {placeOfKey(problem.key).name}
                    {problem.field !== '' && <code> {problem.field}</code>}
                  </p>
                  <ProblemLine problem={problem} />
                </div>
                <Button size="small" className="mt-1.5" onClick={() => onShow(problem)}>
                  {t('plan.show')}
                </Button>
              </li>
            ))}
          </ul>
        )}
        {steps.length === 0 && <p className="text-muted">{t('plan.nothing')}</p>}
        {steps.map((step) => (
          <PlanStepView key={step.key} step={step} />
        ))}
        {state.plan.left.length > 0 && (
          <p className="text-[13px] leading-5 text-muted">
            {t('plan.left', { names: namesOf(state.plan.left) })}
          </p>
        )}
        {state.step === 'checking' && <Waiting what={t('plan.checking')} />}
        {errors.length > 0 && (verdict?.saved ?? []).length === 0 && (
          <p className="font-medium">{t('plan.blocked')}</p>
        )}
      </div>
    </Modal>
  );
}

/** What a save that did not get through has left: some of it is stored, some is not. */
function Partly({ verdict: { saved, unsaved } }: { verdict: Verdict }) {
  const { t } = useTranslation('agents');
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      data-testid="plan-partly"
      title={t('plan.partly')}
      description={
        <>
          <p>{t('plan.partlySaved', { names: namesOf(saved) })}</p>
          {unsaved.length > 0 && <p>{t('plan.partlyLeft', { names: namesOf(unsaved) })}</p>}
          <p className="mt-2">{t('plan.partlyNext')}</p>
        </>
      }
    />
  );
}

function Outcome({ verdict, saving }: { verdict: Verdict; saving: Saving }) {
  const { t } = useTranslation('agents');
  if (verdict.conflicts.length === 0) return null;
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      title={t('plan.conflict', { names: namesOf(verdict.conflicts) })}
      description={
        <>
          <p className="mb-2">{t('plan.conflictBody')}</p>
          <div className="flex flex-wrap gap-2">
            <Button size="small" onClick={() => void saving.loadTheirs()}>
              {t('plan.reload')}
            </Button>
            <Button size="small" onClick={() => void saving.compareWithTheirs()}>
              {t('plan.overwrite')}
            </Button>
          </div>
        </>
      }
    />
  );
}

function namesOf(keys: readonly string[]): string {
  return keys.map((key) => `${placeOfKey(key).kind} ${placeOfKey(key).name}`).join(', ');
}
