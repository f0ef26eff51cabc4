import { useTranslation } from 'react-i18next';
import { Monogram } from '../ui/monogram.tsx';
import { PRESETS, type Preset } from './presets.ts';

/** The first question about a new Model: where it runs. */
export function ProviderPicker({ onPick }: { onPick: (preset: Preset) => void }) {
  const { t } = useTranslation('models');
  return (
    <>
      <h2 className="mb-4 font-medium">{t('form.pickProvider')}</h2>
      <div className="grid gap-3 sm:grid-cols-2">
        {PRESETS.map((preset) => (
          <button
            key={preset.id}
            type="button"
            onClick={() => onPick(preset)}
            className="flex cursor-pointer items-center gap-3 rounded-xl border border-line p-3.5 text-left transition-colors hover:border-accent hover:bg-hover"
          >
            <Monogram name={t(`presets.${preset.id}`)} size={34} />
            <span className="min-w-0">
              <span className="block truncate font-medium">{t(`presets.${preset.id}`)}</span>
              <span className="block text-[13px] leading-5 text-muted">{t(`presets.${preset.id}Hint`)}</span>
            </span>
          </button>
        ))}
      </div>
    </>
  );
}
