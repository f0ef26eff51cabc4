import type { Block } from '@wegent/api';
import { useTranslation } from 'react-i18next';

/** Questions of the agent, which are answered with the next message; afterwards, what was answered. */
export function QuestionCard({ block }: { block: Extract<Block, { type: 'question' }> }) {
  const { t } = useTranslation('chat');
  return (
    <section
      aria-label={t('question')}
      className="flex flex-col gap-3 rounded-xl border border-line bg-raised p-4"
    >
      {block.questions.map(({ id, text, options = [] }) => (
        <div key={id}>
          <p className="font-medium">{text}</p>
          {options.length > 0 && (
            <p className="text-muted">{options.map(({ label }) => label).join(' · ')}</p>
          )}
          {block.answers?.[id] !== undefined && (
            <p className="text-accent">{answerText(block.answers[id])}</p>
          )}
        </div>
      ))}
    </section>
  );
}

function answerText(answer: unknown): string {
  return Array.isArray(answer) ? answer.map(String).join(', ') : String(answer);
}
