import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { PaletteItem } from './use-palette-items.tsx';

interface PaletteListProps {
  id: string;
  items: PaletteItem[];
  active: number;
  query: string;
  searching: boolean;
  onGo: (href: string) => void;
}

/** What the palette found, in groups; the input above keeps the focus. */
export function PaletteList({ id, items, active, query, searching, onGo }: PaletteListProps) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the marked line has to be in view whenever it changes.
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active, items]);
  return (
    <div className="border-t border-line">
      <div
        ref={list}
        id={id}
        role="listbox"
        aria-label={t('palette.title')}
        className={items.length > 0 ? 'max-h-[min(420px,55vh)] overflow-y-auto p-2' : ''}
      >
        {items.map((item, index) => (
          <div key={item.key}>
            {item.group !== items[index - 1]?.group && (
              <p className="px-3 pt-2 pb-1 text-xs font-medium text-muted" role="presentation">
                {t(`palette.${item.group}`)}
              </p>
            )}
            {/* biome-ignore lint/a11y/useFocusableInteractive: the input drives it through aria-activedescendant. */}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the input does the same. */}
            <div
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              onClick={() => onGo(item.href)}
              className={`flex cursor-pointer items-center gap-3 rounded-control px-3 py-2 hover:bg-hover ${index === active ? 'bg-selected' : ''}`}
            >
              <span className="flex w-5 justify-center text-muted" aria-hidden="true">
                {item.icon}
              </span>
              <span className="min-w-0 flex-1 truncate">{item.label}</span>
              {item.detail && (
                <span className="max-w-[45%] truncate text-[13px] text-muted">{item.detail}</span>
              )}
            </div>
          </div>
        ))}
      </div>
      {(searching || items.length === 0) && (
        <p role="status" className="px-5 py-4 text-muted">
          {searching ? t('palette.searching') : t('palette.empty', { query })}
        </p>
      )}
    </div>
  );
}
