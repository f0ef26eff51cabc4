import type { SandboxState } from '@wegent/api';
import { Table } from 'antd';
import Link from 'next/link';
import { useTranslation } from 'react-i18next';
import { taskLink } from '../frame/links.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { byteSize } from './byte-size.ts';
import { SandboxMark } from './sandbox-mark.tsx';

type Row = SandboxState & { managerId: string };

/** Sandboxes as rows: whose they are, what they do, when they end. */
export function SandboxTable({ sandboxes }: { sandboxes: readonly Row[] }) {
  const { t } = useTranslation('executors');
  if (sandboxes.length === 0) return <p className="text-muted">{t('noSandboxes')}</p>;
  return (
    <Table<Row>
      className="overflow-hidden rounded-xl border border-line"
      rowKey="sandboxId"
      dataSource={[...sandboxes]}
      pagination={sandboxes.length > 50 ? { pageSize: 50 } : false}
      columns={[
        {
          title: t('column.sandbox'),
          render: (_, { sandboxId, taskId, namespace }) => (
            <span className="block min-w-0">
              {taskId === undefined ? (
                <span className="text-muted">{t('warmPool')}</span>
              ) : (
                <Link
                  className="text-accent hover:underline"
                  href={taskLink({ taskId, spec: { type: 'code' } })}
                >
                  {t('openTask')}
                </Link>
              )}
              <span className="block font-mono text-xs text-faint" title={sandboxId}>
                {[namespace, sandboxId.slice(0, 13)].filter((part) => part !== undefined).join(' · ')}
              </span>
            </span>
          ),
        },
        { title: t('column.state'), render: (_, { state }) => <SandboxMark state={state} /> },
        {
          title: t('column.age'),
          responsive: ['sm'],
          render: (_, { startedAt }) => <RelativeTime at={startedAt} />,
        },
        {
          title: t('column.expires'),
          responsive: ['md'],
          render: (_, { expiresAt }) => (expiresAt ? <RelativeTime at={expiresAt} /> : '—'),
        },
        {
          title: t('column.memory'),
          align: 'right',
          responsive: ['sm'],
          render: (_, { memoryBytes }) => (memoryBytes === undefined ? '—' : byteSize(memoryBytes)),
        },
        { title: t('column.manager'), dataIndex: 'managerId', ellipsis: true, responsive: ['lg'] },
      ]}
    />
  );
}
