import { useTranslation } from 'react-i18next';
import { CodeLine } from '../../diff/code-line.tsx';
import '../../diff/diff.css';
import { languageOfPath } from '../../diff/language-of-path.ts';
import '../../markdown/markdown.css';
import { useHighlight } from '../../markdown/use-highlight.ts';
import { visibleName } from '../../ui/visible-name.ts';

/** Lines that are drawn; what comes after them is downloaded. */
const MAX_LINES = 10_000;

/** The text of a file with its line numbers, coloured where its language is known. */
export function FileText({ path, text }: { path: string; text: string }) {
  const { t } = useTranslation('code');
  const lines = text.split('\n');
  const tokens = useHighlight({ language: languageOfPath(path), code: text, enabled: true });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever uses a keyboard must be able to scroll it.
    <div tabIndex={0} className="min-h-0 flex-1 overflow-auto" data-testid="file-text">
      <table className="wg-diff" aria-label={visibleName(path)}>
        <colgroup>
          <col style={{ width: 52 }} />
          <col />
        </colgroup>
        <tbody>
          {lines.slice(0, MAX_LINES).map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its number.
            <tr key={index}>
              <td className="wg-diff-number">
                <span>{index + 1}</span>
              </td>
              <td>
                <CodeLine text={line} tokens={tokens?.[index]} mark={undefined} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > MAX_LINES && (
        <p className="p-4 text-[13px] text-warning">{t('files.cut', { count: MAX_LINES })}</p>
      )}
    </div>
  );
}
