import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../draft/problems.ts';
import { useEditorControls } from './editor-context.tsx';
import { ProblemLine } from './problem-line.tsx';

const MAX = 12;

/** First messages to click on, a line each. */
export function QuickPromptFields({
  prompts,
  problems,
  onChange,
}: {
  prompts: readonly string[];
  problems: readonly Problem[];
  onChange: (prompts: string[]) => void;
}) {
  const { t } = useTranslation('agents');
  const { readOnly } = useEditorControls();
  return (
    <fieldset>
      <legend className="mb-1.5 border-0! text-[15px]! font-medium text-ink!">
        {t('form.quickPrompts')}
      </legend>
      {prompts.map((prompt, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a prompt is nothing but its place; its text is being written.
        <div key={index} className="mb-2 flex gap-2">
          <Input
            aria-label={t('form.quickPrompt', { number: index + 1 })}
            value={prompt}
            disabled={readOnly}
            maxLength={2000}
            onChange={({ target }) =>
              onChange(prompts.map((other, place) => (place === index ? target.value : other)))
            }
          />
          <Button
            type="text"
            icon={<DeleteOutlined />}
            disabled={readOnly}
            aria-label={t('form.removeQuickPrompt', { number: index + 1 })}
            onClick={() => onChange(prompts.toSpliced(index, 1))}
          />
        </div>
      ))}
      {problems.map((problem) => (
        <ProblemLine key={problem.field} problem={problem} />
      ))}
      <Button
        size="small"
        icon={<PlusOutlined />}
        disabled={readOnly || prompts.length >= MAX}
        onClick={() => onChange([...prompts, ''])}
      >
        {t('form.addQuickPrompt')}
      </Button>
      <p className="pt-1.5 text-[13px] leading-5 text-muted">{t('form.quickPromptsHint')}</p>
    </fieldset>
  );
}
