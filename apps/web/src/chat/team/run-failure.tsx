import type { RunError } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../../theme/appearance-provider.tsx';

/** Why a member's run failed: the sentence, and for experts the words of whoever refused. */
export function RunFailure({ error }: { error: RunError }) {
  const { t } = useTranslation('chat');
  const { language } = useAppearance().appearance;
  // The server words the exact sentence in English; in other languages it is a detail of what the reason says.
  const isEnglish = language === 'en' && error.message !== '';
  const details = [isEnglish ? '' : error.message, error.detail ?? ''].filter((text) => text !== '');
  return (
    <>
      <p className="mt-1 text-[14px] [overflow-wrap:anywhere] text-error">
        {isEnglish ? error.message : t(`reason.${error.reason}`)}
      </p>
      {details.length > 0 && (
        <pre className="mt-2 max-h-40 overflow-auto rounded-lg bg-sunken p-2 text-[12px] leading-[18px] [overflow-wrap:anywhere] whitespace-pre-wrap">
          {details.join('\n')}
        </pre>
      )}
    </>
  );
}
