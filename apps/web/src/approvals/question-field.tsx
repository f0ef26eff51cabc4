import { Checkbox, Input, Radio } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { AskedQuestion, Draft } from './answers.ts';

/** One question: its choices, one or several, and a line for one's own words. */
export function QuestionField({
  question,
  draft,
  onChange,
  onSubmit,
}: {
  question: AskedQuestion;
  draft: Draft;
  onChange: (draft: Draft) => void;
  onSubmit: () => void;
}) {
  const { t } = useTranslation('approvals');
  const id = useId();
  const { text, options = [], multiple = false } = question;
  const choices = options.map(({ value, label }) => ({ value, label }));
  const own = t(options.length > 0 ? 'question.other' : 'question.own');
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-2">
      <p id={id} className="font-medium [overflow-wrap:anywhere]">
        {text}
      </p>
      {options.length > 0 &&
        (multiple ? (
          <Checkbox.Group
            aria-labelledby={id}
            className="flex flex-col! gap-1"
            options={choices}
            value={[...draft.picked]}
            onChange={(picked) => onChange({ ...draft, picked })}
          />
        ) : (
          <Radio.Group
            aria-labelledby={id}
            className="flex flex-col! gap-1"
            options={choices}
            value={draft.text.trim() === '' ? draft.picked[0] : undefined}
            onChange={({ target }) => onChange({ picked: [String(target.value)], text: '' })}
          />
        ))}
      <Input.TextArea
        autoSize={{ minRows: 1, maxRows: 8 }}
        aria-label={`${text}: ${own}`}
        placeholder={own}
        maxLength={10_000}
        value={draft.text}
        onChange={({ target }) => onChange({ ...draft, text: target.value })}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          onSubmit();
        }}
      />
    </div>
  );
}
