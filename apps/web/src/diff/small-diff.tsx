import { Button } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DiffTable } from './diff-table.tsx';
import { languageOfPath } from './language-of-path.ts';
import type { FilePatch } from './parse-patch.ts';

const SHOWN = 24;

/** A change inside a conversation: its first lines, the others on demand. */
export function SmallDiff({ patch, path }: { patch: FilePatch; path: string }) {
  const { t } = useTranslation('code');
  const [whole, setWhole] = useState(false);
  const count = patch.hunks.reduce((sum, { lines }) => sum + lines.length, 0);
  const shown = useMemo(() => (whole ? patch : firstLines(patch, SHOWN)), [patch, whole]);
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-canvas">
      <div className="max-h-96 overflow-y-auto">
        <DiffTable patch={shown} language={languageOfPath(path)} label={t('diff.of', { path })} />
      </div>
      {count > SHOWN && (
        <Button
          type="text"
          size="small"
          block
          className="rounded-none! border-t border-line! text-xs! text-muted!"
          onClick={() => setWhole(!whole)}
        >
          {whole ? t('showLess') : t('diff.showAll', { count })}
        </Button>
      )}
    </div>
  );
}

function firstLines(patch: FilePatch, count: number): FilePatch {
  let left = count;
  const hunks = patch.hunks.flatMap((hunk) => {
    const lines = hunk.lines.slice(0, left);
    left -= lines.length;
    return lines.length === 0 ? [] : [{ ...hunk, lines }];
  });
  return { ...patch, hunks };
}
