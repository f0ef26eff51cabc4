import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { withChange } from '../draft/agent-draft.ts';
import type { Problem } from '../draft/problems.ts';
import { textOf } from '../draft/words.ts';
import { ProblemLine } from './problem-line.tsx';

type Rule = Record<string, unknown>;

/** Which tool calls wait for a person, are let through or refused; the first rule that matches decides. */
export function ApprovalFields({
  rules,
  problems,
  locked,
  onChange,
}: {
  rules: readonly Rule[];
  problems: readonly Problem[];
  locked: boolean;
  onChange: (rules: Rule[]) => void;
}) {
  const { t } = useTranslation('agents');
  const set = (index: number, change: Rule) =>
    onChange(rules.map((rule, place) => (place === index ? withChange(rule, change) : rule)));
  return (
    <fieldset className="mb-2">
      <legend className="mb-1 border-0! text-[15px]! font-medium text-ink!">{t('form.approvals')}</legend>
      <p className="mb-2 text-[13px] leading-5 text-muted">{t('form.approvalsHint')}</p>
      {rules.map((rule, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place in the order.
        <div key={index} className="mb-2 grid grid-cols-[1fr_auto] gap-2 sm:grid-cols-[1fr_1.4fr_130px_auto]">
          <Input
            aria-label={t('form.ruleTool')}
            placeholder={t('form.ruleTool')}
            value={textOf(rule.tool)}
            disabled={locked}
            spellCheck={false}
            onChange={({ target }) => set(index, { tool: target.value })}
          />
          <Input
            aria-label={t('form.ruleMatch')}
            placeholder={t('form.ruleMatch')}
            value={textOf(rule.match)}
            disabled={locked}
            spellCheck={false}
            className="max-sm:col-span-2 max-sm:row-start-2"
            onChange={({ target }) => set(index, { match: target.value || undefined })}
          />
          <Select
            aria-label={t('form.ruleDecision')}
            value={textOf(rule.decision ?? 'ask')}
            disabled={locked}
            className="max-sm:col-span-2 max-sm:row-start-3"
            options={(['ask', 'allow', 'deny'] as const).map((value) => ({
              value,
              label: t(`form.decisions.${value}`),
            }))}
            onChange={(decision) => set(index, { decision })}
          />
          <Button
            type="text"
            icon={<DeleteOutlined />}
            disabled={locked}
            aria-label={t('form.removeRule', { number: index + 1 })}
            onClick={() => onChange(rules.toSpliced(index, 1))}
          />
        </div>
      ))}
      {problems.map((problem) => (
        <ProblemLine key={problem.field} problem={problem} />
      ))}
      <Button
        size="small"
        icon={<PlusOutlined />}
        disabled={locked}
        onClick={() => onChange([...rules, { tool: 'Bash', decision: 'ask' }])}
      >
        {t('form.addRule')}
      </Button>
    </fieldset>
  );
}
