import { type ReactNode, useId } from 'react';
import type { Problem } from '../draft/problems.ts';
import { ProblemLine } from './problem-line.tsx';

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  problems?: readonly Problem[];
  className?: string;
  children: (control: { id: string; 'aria-describedby': string; status?: 'error' | 'warning' }) => ReactNode;
}

/** A labelled control of the draft, with what is wrong about it. */
export function Field({ label, hint, problems = [], className = '', children }: FieldProps) {
  const id = useId();
  const worst = problems.some(({ severity }) => severity === 'error')
    ? 'error'
    : problems.length > 0
      ? 'warning'
      : undefined;
  return (
    <div className={`mb-5 ${className}`}>
      <label htmlFor={id} className="mb-1.5 block font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': `${id}-about`, ...(worst ? { status: worst } : {}) })}
      <div id={`${id}-about`}>
        {problems.map((problem) => (
          <ProblemLine
            key={`${problem.code} ${problem.field} ${problem.values.text ?? ''}`}
            problem={problem}
          />
        ))}
        {hint && <p className="pt-1.5 text-[13px] leading-5 text-muted">{hint}</p>}
      </div>
    </div>
  );
}

/** A part of the form with its heading. */
export function Section({
  title,
  hint,
  actions,
  children,
}: {
  title: string;
  hint?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mb-6 rounded-xl border border-line bg-raised p-4 sm:p-5">
      <header className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1">
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {hint && <p className="text-[13px] leading-5 text-muted">{hint}</p>}
        </div>
        {actions}
      </header>
      {children}
    </section>
  );
}
