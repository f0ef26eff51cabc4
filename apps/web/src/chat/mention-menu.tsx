import { useTranslation } from 'react-i18next';
import { Monogram } from '../ui/monogram.tsx';

/** Somebody who can be called with `@`. */
export interface Mentionable {
  name: string;
  detail: string;
  icon?: string | undefined;
}

/** The names that an `@` may become. The keys are handled by the box that it belongs to. */
export function MentionMenu({
  offered,
  active,
  onTake,
}: {
  offered: readonly Mentionable[];
  active: Mentionable | undefined;
  onTake: (name: Mentionable) => void;
}) {
  const { t } = useTranslation('chat');
  if (offered.length === 0) return null;
  return (
    <div
      role="listbox"
      aria-label={t('mention')}
      data-testid="mention-menu"
      className="absolute bottom-full left-0 z-20 mb-2 max-h-64 w-72 max-w-full overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-raised"
    >
      {offered.map((entry) => (
        <button
          key={entry.name}
          type="button"
          role="option"
          tabIndex={-1}
          aria-selected={entry === active}
          className={`flex w-full cursor-pointer items-center gap-2.5 rounded-lg px-2 py-1.5 text-left ${entry === active ? 'bg-selected' : 'hover:bg-hover'}`}
          // The box keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(entry)}
        >
          <Monogram name={entry.name} icon={entry.icon} size={26} />
          <span className="min-w-0">
            <span className="block truncate text-[14px] leading-5">{entry.name}</span>
            <span className="block truncate text-xs leading-4 text-faint">{entry.detail}</span>
          </span>
        </button>
      ))}
    </div>
  );
}
