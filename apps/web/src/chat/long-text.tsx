import { useState } from 'react';
import { useTranslation } from 'react-i18next';

const MAX_CHARACTERS = 1800;
const MAX_LINES = 24;

/** Text that shows its beginning only when it is long. */
export function LongText({ text }: { text: string }) {
  const { t } = useTranslation('chat');
  const [whole, setWhole] = useState(false);
  const short = text.split('\n', MAX_LINES).join('\n').slice(0, MAX_CHARACTERS);
  if (short.length === text.length) return text;
  return (
    <>
      {whole ? text : `${short}…`}{' '}
      <button
        type="button"
        aria-expanded={whole}
        className="cursor-pointer font-medium text-accent hover:underline"
        onClick={() => setWhole(!whole)}
      >
        {t(whole ? 'showLess' : 'showAll')}
      </button>
    </>
  );
}
