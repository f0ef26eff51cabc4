import Link from 'next/link';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/use-error-text.ts';
import { AgentSelect } from './agent-select.tsx';
import { BranchPicker } from './branch-picker.tsx';
import { RepositoryPicker } from './repository-picker.tsx';
import type { useCodeDraft } from './use-code-draft.ts';
import { useRepositories } from './use-git.ts';

/** Repository, branch and agent. */
export function StartFields({ draft, missed }: { draft: ReturnType<typeof useCodeDraft>; missed: boolean }) {
  const { t } = useTranslation('code');
  const errorText = useErrorText();
  const id = useId();
  const { repository, branch, agent, agents, branchProblem } = draft;
  const failure = branchProblem && errorText(branchProblem);
  return (
    <div className="grid gap-x-4 gap-y-3 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
      <Field
        id={`${id}-repository`}
        label={t('start.repository')}
        hint={<HostsHint />}
        missed={missed && !repository}
      >
        <RepositoryPicker
          id={`${id}-repository`}
          value={repository}
          recent={draft.recent}
          localAllowed={draft.summary.data?.localRepositories ?? false}
          onChange={draft.chooseRepository}
        />
      </Field>
      <Field id={`${id}-branch`} label={t('start.branch')}>
        <BranchPicker
          key={repository?.gitUrl}
          id={`${id}-branch`}
          gitUrl={repository?.gitUrl}
          value={branch}
          onChange={draft.chooseBranch}
        />
      </Field>
      {failure && (
        <p role="alert" className="text-[13px] leading-5 text-warning sm:col-span-2">
          {t('start.branchProblem')} {failure.detail ?? failure.title}{' '}
          <Link href="/settings/git" className="text-accent hover:underline">
            {t('start.connectHost')}
          </Link>
        </p>
      )}
      <div className="sm:col-span-2">
        <Field id={`${id}-agent`} label={t('start.agent')}>
          <AgentSelect id={`${id}-agent`} agents={agents} value={agent} onChange={draft.chooseAgent} />
        </Field>
        {agent?.problem && <p className="pt-1 text-[13px] leading-5 text-warning">{agent.problem}</p>}
      </div>
    </div>
  );
}

/** Where the repositories come from, and which hosts could not be asked. */
function HostsHint() {
  const { t } = useTranslation('code');
  const { data } = useRepositories('');
  const problems = data?.problems ?? [];
  return (
    <Link
      href="/settings/git"
      className={`hover:underline ${problems.length > 0 ? 'text-warning' : 'text-accent'}`}
    >
      {problems.length > 0 ? (
        <span title={problems.map(({ domain, message }) => `${domain}: ${message}`).join('\n')}>
          {t('start.hostProblem', { count: problems.length })}
        </span>
      ) : (
        t('start.connectHost')
      )}
    </Link>
  );
}

function Field({
  id,
  label,
  hint,
  missed = false,
  children,
}: {
  id: string;
  label: string;
  hint?: ReactNode;
  missed?: boolean;
  children: ReactNode;
}) {
  return (
    <div className="min-w-0">
      <div className="flex items-baseline justify-between gap-3 pb-1 text-[13px]">
        <label htmlFor={id} className={`font-medium ${missed ? 'text-error' : ''}`}>
          {label}
        </label>
        {hint}
      </div>
      {children}
    </div>
  );
}
