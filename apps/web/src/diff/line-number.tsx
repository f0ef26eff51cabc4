import { useTranslation } from 'react-i18next';
import type { DiffLine } from './parse-patch.ts';

/** The number of a line; where comments can be written, a button that begins one. */
export function LineNumber({
  line,
  number,
  onPick,
}: {
  line: DiffLine | undefined;
  number: number | undefined;
  onPick: ((line: DiffLine) => void) | undefined;
}) {
  const { t } = useTranslation('code');
  return (
    <td className="wg-diff-number" data-type={line?.type ?? 'none'}>
      {line && number !== undefined && onPick ? (
        <button
          type="button"
          className="wg-diff-line text-right"
          // The arrow keys go from line to line; the Tab key only into the table and out of it.
          tabIndex={-1}
          data-gutter
          aria-label={t('review.commentOn', { line: number })}
          title={t('review.commentOn', { line: number })}
          onClick={() => onPick(line)}
        >
          {number}
        </button>
      ) : (
        <span>{number}</span>
      )}
    </td>
  );
}
