import { useTranslation } from 'react-i18next';

const SHOWN = 4;

/** First messages that the agent suggests; a click writes one into the box, where it can still be changed. */
export function QuickPrompts({
  prompts,
  onPick,
}: {
  prompts: readonly string[];
  onPick: (prompt: string) => void;
}) {
  const { t } = useTranslation('chat');
  if (prompts.length === 0) return null;
  return (
    <ul aria-label={t('quickPrompts')} className="flex flex-wrap justify-center gap-2">
      {prompts.slice(0, SHOWN).map((prompt) => (
        <li key={prompt} className="max-w-full">
          <button
            type="button"
            data-testid="quick-prompt"
            title={prompt}
            className="max-w-full cursor-pointer truncate rounded-full border border-line px-3.5 py-1.5 text-[14px] leading-5 text-muted transition-colors hover:border-line-strong hover:bg-hover hover:text-ink"
            onClick={() => onPick(prompt)}
          >
            {prompt}
          </button>
        </li>
      ))}
    </ul>
  );
}
