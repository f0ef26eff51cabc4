import type { Block } from '@wegent/api';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { answersOf, answerText, type Draft, NO_ANSWER } from './answers.ts';
import { decisionElementId } from './approval-block.ts';
import { HandIcon } from './hand-icon.tsx';
import { QuestionField } from './question-field.tsx';
import { useAnswer } from './use-decisions.ts';

type QuestionBlock = Extract<Block, { type: 'question' }>;

/** Questions of the agent, to choose from and to write to; afterwards, what was answered. */
export function QuestionCard({ block, open }: { block: QuestionBlock; open: boolean }) {
  if (block.answers !== undefined || !open) return <Answered block={block} />;
  return <Open block={block} />;
}

function Open({ block }: { block: QuestionBlock }) {
  const { t } = useTranslation('approvals');
  const answer = useAnswer(block);
  const [drafts, setDrafts] = useState<Record<string, Draft>>({});
  const answers = answersOf(block.questions, drafts);
  const submit = () => answers && answer.mutate(answers);
  return (
    <form
      id={decisionElementId(block.blockId)}
      tabIndex={-1}
      aria-label={t('question.title')}
      data-testid="question"
      className="my-1 flex flex-col gap-4 rounded-xl border border-warning/50 bg-raised p-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {block.questions.map((question, index) => (
        <div key={question.id} className="flex items-start gap-2.5">
          {index === 0 ? <HandIcon /> : <span className="w-4 flex-none" />}
          <QuestionField
            question={question}
            draft={drafts[question.id] ?? NO_ANSWER}
            onChange={(draft) => setDrafts((all) => ({ ...all, [question.id]: draft }))}
            onSubmit={submit}
          />
        </div>
      ))}
      {answer.error && <ErrorNotice error={answer.error} />}
      <div className="pl-6.5">
        <Button
          type="primary"
          htmlType="submit"
          disabled={!answers}
          loading={answer.isPending}
          data-testid="answer"
        >
          {t('question.send')}
        </Button>
      </div>
    </form>
  );
}

function Answered({ block }: { block: QuestionBlock }) {
  const { t } = useTranslation('approvals');
  return (
    <dl className="flex flex-col gap-2 text-[14px]" data-testid="question-answered">
      {block.questions.map((question) => {
        const answer = block.answers?.[question.id];
        return (
          <div key={question.id}>
            <dt className="text-muted">{question.text}</dt>
            <dd className={answer === undefined ? 'text-faint' : 'font-medium'}>
              {answer === undefined ? t('question.unanswered') : answerText(answer, question)}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
