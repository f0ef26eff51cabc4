import { SearchOutlined } from '@ant-design/icons';
import type { PendingDecision } from '@wegent/api';
import { groupTasks } from '@wegent/client';
import { Button, Input } from 'antd';
import { useSearchParams } from 'next/navigation';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePendingDecisions } from '../approvals/use-decisions.ts';
import { useToolTitle } from '../tools/use-tool-title.ts';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { LoadMore } from './load-more.tsx';
import { TaskRow } from './task-row.tsx';
import { useMinute } from './use-minute.ts';
import { useTaskList, useTaskSignals } from './use-task-list.ts';

const GROUPS = ['needsYou', 'running', 'today', 'earlier'] as const;

/** The live list of conversations in the rail. */
export function TaskRail() {
  const { t } = useTranslation('tasks');
  const [search, setSearch] = useState<string>();
  const list = useTaskList(useDeferredValue(search?.trim() ?? ''));
  const openTask = useSearchParams().get('task');
  const groups = groupTasks(list.data ?? [], useMinute());
  const decisions = usePendingDecisions();
  const toolTitle = useToolTitle();
  const asked = (decision: PendingDecision | undefined) =>
    decision && (decision.tool === undefined ? decision.title : toolTitle(decision.tool, decision.title));
  useTaskSignals();

  return (
    <section aria-label={t('title')} className="px-2 pb-3">
      <div className="flex h-9 items-center gap-1 pl-3">
        {search === undefined ? (
          <>
            <h2 className="flex-1 text-[13px] font-medium text-faint">{t('title')}</h2>
            <Button
              type="text"
              size="small"
              icon={<SearchOutlined />}
              aria-label={t('search')}
              className="text-faint"
              onClick={() => setSearch('')}
            />
          </>
        ) : (
          <Input
            autoFocus
            allowClear
            size="small"
            variant="filled"
            className="-ml-2"
            prefix={<SearchOutlined className="text-faint" />}
            placeholder={t('search')}
            aria-label={t('search')}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            onBlur={() => search === '' && setSearch(undefined)}
            onKeyDown={(event) => event.key === 'Escape' && setSearch(undefined)}
          />
        )}
      </div>
      {list.isError && !list.data && <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton />}
      {list.data?.length === 0 && (
        <p className="px-3 py-2 text-[13px] leading-5 text-faint">{t(search ? 'noMatch' : 'empty')}</p>
      )}
      {GROUPS.filter((name) => groups[name].length > 0).map((name) => (
        <div key={name}>
          <h3
            className={`px-3 pt-3 pb-1 text-xs font-medium ${name === 'needsYou' ? 'text-warning' : 'text-faint'}`}
          >
            {t(`group.${name}`)}
          </h3>
          <ul className="flex flex-col gap-px">
            {groups[name].map((task) => (
              <TaskRow
                key={task.taskId}
                task={task}
                current={task.taskId === openTask}
                waits={
                  name === 'needsYou'
                    ? asked(decisions.find(({ taskId }) => taskId === task.taskId))
                    : undefined
                }
              />
            ))}
          </ul>
        </div>
      ))}
      {list.hasNextPage && (
        <LoadMore busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
      )}
    </section>
  );
}

function Skeleton() {
  return (
    <div aria-hidden="true" className="flex flex-col gap-2 px-3 pt-3">
      {[70, 85, 55, 75].map((width) => (
        <div key={width} className="h-5 rounded bg-hover" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
