import type { WaitingRun } from '@wegent/api';
import { Table } from 'antd';
import Link from 'next/link';
import { useTranslation } from 'react-i18next';
import { taskLink } from '../frame/links.ts';
import { RelativeTime } from '../ui/relative-time.tsx';

/** What waits, for how long, and why. */
export function WaitingTable({ runs }: { runs: readonly WaitingRun[] }) {
  const { t } = useTranslation('executors');
  if (runs.length === 0) return <p className="text-muted">{t('nothingWaits')}</p>;
  return (
    <Table<WaitingRun>
      className="overflow-hidden rounded-xl border border-line"
      rowKey="executionId"
      dataSource={[...runs]}
      pagination={runs.length > 50 ? { pageSize: 50 } : false}
      columns={[
        {
          title: t('column.task'),
          render: (_, { taskId, taskTitle, namespace }) => (
            <span className="block min-w-0">
              <Link
                className="text-accent hover:underline"
                href={taskLink({ taskId, spec: { type: 'code' } })}
              >
                {taskTitle || t('openTask')}
              </Link>
              <span className="block text-[13px] leading-5 text-faint">{namespace}</span>
            </span>
          ),
        },
        {
          title: t('column.why'),
          render: (_, { why, message, place }) => (
            <span>
              {t(`why.${why}`)}
              <span className="block text-[13px] leading-5 text-muted">
                {t(isOfTeam(why) ? 'placeOfTeam' : 'place', { place })} {message}
              </span>
            </span>
          ),
        },
        {
          title: t('column.since'),
          responsive: ['sm'],
          render: (_, { since }) => <RelativeTime at={since} />,
        },
      ]}
    />
  );
}

/** Does it wait in the line of its Team, before any manager may take it? */
function isOfTeam(why: WaitingRun['why']): boolean {
  return why === 'team-limit' || why === 'team-held';
}
