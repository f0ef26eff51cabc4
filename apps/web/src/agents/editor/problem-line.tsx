import { CloseCircleFilled, WarningFilled } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../draft/problems.ts';

/** One thing that is wrong or may surprise, as colour, shape and words. */
export function ProblemLine({ problem }: { problem: Problem }) {
  const text = useProblemText()(problem);
  const error = problem.severity === 'error';
  return (
    <p
      data-testid={`problem-${problem.severity}`}
      className={`flex items-start gap-1.5 pt-1.5 text-[13px] leading-5 ${error ? 'text-error' : 'text-warning'}`}
    >
      <span className="pt-px" aria-hidden="true">
        {error ? <CloseCircleFilled /> : <WarningFilled />}
      </span>
      <span className="min-w-0 break-words">{text}</span>
    </p>
  );
}

/** Words a problem in the reader's language; what the server said stays in its words. */
export function useProblemText(): (problem: Problem) => string {
  const { t } = useTranslation('agents');
  return ({ code, values }) => t(`problems.${code}`, { replace: values }).trim();
}
