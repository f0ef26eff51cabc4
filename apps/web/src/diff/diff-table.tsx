import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import '../markdown/markdown.css';
import './diff.css';
import { changedParts } from './diff-rows.ts';
import type { FilePatch, Hunk } from './parse-patch.ts';
import { type LineNotes, SplitLines } from './split-lines.tsx';
import { UnifiedLines } from './unified-lines.tsx';
import { useGutterKeys } from './use-gutter-keys.ts';
import { useLineTokens } from './use-line-tokens.ts';

interface DiffTableProps {
  patch: FilePatch;
  /** As `languageOfPath` names it; empty for none. */
  language: string;
  split?: boolean;
  /** Makes the numbers buttons that comment on their line. */
  notes?: LineNotes;
  /** Named for screen readers. */
  label: string;
}

/** The changes of one file as a table: one column, or old and new beside each other. */
export function DiffTable({ patch, language, split = false, notes, label }: DiffTableProps) {
  const { t } = useTranslation('code');
  const tokens = useLineTokens(patch, language);
  const onKeyDown = useGutterKeys();
  const marks = useMemo(() => new Map(patch.hunks.map((hunk) => [hunk, changedParts(hunk)])), [patch]);
  // Of a change that is only going to be made nobody knows yet where.
  const numbered = patch.hunks.some(({ lines }) => lines.some(({ newLine, oldLine }) => newLine ?? oldLine));
  const numberWidth = notes ? 46 : 42;
  const shared = (hunk: Hunk) => ({ hunk, tokens, marks: marks.get(hunk) ?? new Map(), notes });
  return (
    <table
      className={numbered ? 'wg-diff' : 'wg-diff wg-diff-bare'}
      aria-label={label}
      onKeyDown={onKeyDown}
      // From here the arrow keys lead to the lines, which can be commented on.
      {...(notes ? { tabIndex: 0 } : {})}
    >
      <colgroup>
        {numbered && <col style={{ width: numberWidth }} />}
        {split ? <col /> : numbered && <col style={{ width: numberWidth }} />}
        <col style={{ width: split ? numberWidth : 18 }} />
        <col />
      </colgroup>
      {patch.hunks.map((hunk, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the hunks of a patch never move.
        <tbody key={index}>
          {(index > 0 || hunk.section !== '') && (
            <tr className="text-faint">
              <td colSpan={4} className="truncate border-y border-line bg-sunken py-0.5! text-[11px]">
                <span aria-hidden="true">⋯ </span>
                {hunk.section || <span className="sr-only">{t('diff.gap')}</span>}
              </td>
            </tr>
          )}
          {split ? <SplitLines {...shared(hunk)} /> : <UnifiedLines {...shared(hunk)} />}
        </tbody>
      ))}
    </table>
  );
}
