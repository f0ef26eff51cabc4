import type { TaskView } from '@wegent/client';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePreferences } from '../../session/use-preferences.ts';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { Waiting } from '../../ui/waiting.tsx';
import { useCodeTask } from '../code-context.tsx';
import { PanelEmpty } from '../panel-empty.tsx';
import { inTreeOrder, matchesFilter } from './build-tree.ts';
import { ChangesToolbar } from './changes-toolbar.tsx';
import { FileDiff } from './file-diff.tsx';
import { FileTree } from './file-tree.tsx';
import { startsOpen } from './open-files.ts';
import { useChanges } from './use-changes.ts';

/** What the work changed: the files as a tree, and what happened in each. */
export function ChangesPanel({ view }: { view: TaskView }) {
  const { t } = useTranslation('code');
  const { begun, shown, showChanges } = useCodeTask();
  const { preferences, save } = usePreferences();
  const changes = useChanges(shown.turn);
  const [filter, setFilter] = useState('');
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const split = preferences.splitDiff === true;
  const all = changes.data?.files ?? NONE;
  const files = useMemo(
    () => inTreeOrder(all.filter(({ path }) => matchesFilter(path, filter))),
    [all, filter],
  );
  const isOpen = (file: (typeof files)[number]) => toggled.get(file.path) ?? startsOpen(file, all.length);
  const set = useCallback(
    (path: string, open: boolean) => setToggled((before) => new Map(before).set(path, open)),
    [],
  );
  const toggle = useCallback(
    (path: string) => {
      const file = all.find((other) => other.path === path);
      if (file)
        setToggled((before) =>
          new Map(before).set(path, !(before.get(path) ?? startsOpen(file, all.length))),
        );
    },
    [all],
  );
  const { path: wanted } = shown;
  useEffect(() => {
    if (wanted !== undefined) set(wanted, true);
  }, [wanted, set]);
  const anyOpen = files.some(isOpen);

  return (
    <div className="@container flex h-full flex-col">
      <ChangesToolbar
        view={view}
        filter={filter}
        onFilter={setFilter}
        split={split}
        onSplit={(next) => void save({ splitDiff: next })}
        anyOpen={anyOpen}
        onFold={() => setToggled(new Map(all.map(({ path }) => [path, !anyOpen])))}
        fetching={changes.isFetching}
        onRefresh={() => void changes.refetch()}
      />
      {changes.isError && !changes.data && (
        <ErrorNotice error={changes.error} className="m-4" onRetry={() => void changes.refetch()} />
      )}
      {!begun && <PanelEmpty title={t('changes.none')}>{t('notBegun')}</PanelEmpty>}
      {begun && changes.isPending && <Waiting what={t('changes.loading')} />}
      {changes.data && files.length === 0 && (
        <PanelEmpty
          title={t(filter === '' ? (shown.turn ? 'changes.noneInTurn' : 'changes.none') : 'changes.noMatch')}
        />
      )}
      {files.length > 0 && (
        <div className="flex min-h-0 flex-1 flex-col @2xl:flex-row">
          <div className="max-h-44 flex-none overflow-y-auto border-b border-line @2xl:max-h-none @2xl:w-60 @2xl:border-r @2xl:border-b-0">
            <FileTree
              files={files}
              current={wanted}
              onPick={(path) => showChanges({ ...(shown.turn ? { turn: shown.turn } : {}), path })}
            />
          </div>
          <div className="min-h-0 min-w-0 flex-1 overflow-y-auto">
            {changes.data?.truncated && (
              <p className="px-4 py-2 text-[13px] text-warning">{t('changes.truncated')}</p>
            )}
            {files.map((file) => (
              <FileDiff
                key={file.path}
                file={file}
                turn={shown.turn}
                split={split}
                open={isOpen(file)}
                wanted={file.path === wanted}
                onToggle={toggle}
              />
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

const NONE: never[] = [];
