import { Button, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../draft/agent-document.ts';
import { type Change, NEW_SECRET } from '../draft/changes.ts';
import type { PlanStep } from '../draft/plan.ts';

const SHOWN = 12;

/** What saving does to one object: its fields, what they were and what they will be. */
export function PlanStepView({ step }: { step: PlanStep }) {
  const { t } = useTranslation('agents');
  const [all, setAll] = useState(false);
  const { document, action, changes, users } = step;
  const shown = all ? changes : changes.slice(0, SHOWN);
  const title = titleOf(document);
  return (
    <section className="overflow-hidden rounded-xl border border-line" data-testid="plan-step">
      <header className="flex flex-wrap items-center gap-2 bg-sunken px-3 py-2">
        <Tag color={action === 'create' ? 'success' : 'processing'}>
          {t(action === 'create' ? 'plan.create' : 'plan.change')}
        </Tag>
        <h3 className="min-w-0 font-medium break-words">
          {document.kind} {document.metadata.name}
        </h3>
        {title !== document.metadata.name && <span className="text-muted">{title}</span>}
        <span className="text-[13px] text-muted">{document.metadata.namespace}</span>
      </header>
      {users.length > 0 && (
        <p className="px-3 pt-2 text-[13px] leading-5 text-warning">
          {t('plan.users', { users: users.join(', ') })}
        </p>
      )}
      <dl className="divide-y divide-line px-3">
        {shown.map((change) => (
          <div key={change.field} className="grid gap-x-3 py-2 sm:grid-cols-[220px_1fr]">
            <dt className="min-w-0 text-[13px] leading-5 break-words text-muted">
              <code>{change.field.replace(/^spec\./, '')}</code>
            </dt>
            <dd className="min-w-0">
              <Values change={change} />
            </dd>
          </div>
        ))}
      </dl>
      {changes.length > shown.length && (
        <div className="px-3 pb-2">
          <Button size="small" type="link" onClick={() => setAll(true)}>
            {t('plan.showAll', { count: changes.length - shown.length })}
          </Button>
        </div>
      )}
    </section>
  );
}

function Values({ change: { before, after } }: { change: Change }) {
  const { t } = useTranslation('agents');
  const text = (value: string) => value.replaceAll(NEW_SECRET, `<${t('plan.newSecret')}>`);
  const common = 'max-h-40 overflow-auto rounded px-1.5 whitespace-pre-wrap break-words';
  return (
    <>
      {before !== undefined && (
        <pre className={`${common} text-error line-through decoration-1`}>
          <span className="sr-only">{t('plan.before')}: </span>
          {text(before)}
        </pre>
      )}
      {after !== undefined && (
        <pre className={`${common} text-success`}>
          <span className="sr-only">{t('plan.after')}: </span>
          {text(after)}
        </pre>
      )}
    </>
  );
}
