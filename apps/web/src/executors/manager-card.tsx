import { WarningFilled } from '@ant-design/icons';
import type { ManagerState } from '@wegent/api';
import { Alert, Progress, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { byteSize } from './byte-size.ts';

/** One manager: how it keeps sandboxes apart, how full it is, and what is wrong with it. */
export function ManagerCard({ manager }: { manager: ManagerState }) {
  const { t } = useTranslation('executors');
  const { managerId, driver, isolation, isolated, problem, slots, draining, defaults, seenAt } = manager;
  return (
    <article
      className="flex h-full flex-col gap-3 rounded-xl border border-line bg-raised p-5"
      data-testid="manager"
    >
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="min-w-0 flex-1 truncate font-medium" title={managerId}>
          {managerId}
        </h3>
        <Tag variant="filled">{driver}</Tag>
        {draining && <Tag color="warning">{t('draining')}</Tag>}
      </div>
      <div>
        <div className="flex items-baseline justify-between text-[13px] text-muted">
          <span>{t('slots')}</span>
          <span className="tabular-nums">{t('slotsUsed', slots)}</span>
        </div>
        <Progress
          percent={slots.total === 0 ? 0 : Math.round((slots.used / slots.total) * 100)}
          showInfo={false}
          size="small"
          aria-label={t('slotsUsed', slots)}
        />
      </div>
      <p className="text-[13px] leading-5">
        <StatusMark state={problem ? 'bad' : isolated ? 'good' : 'bad'}>
          {t(problem ? 'state.problem' : isolated ? 'state.isolated' : 'state.unprotected')}
        </StatusMark>
        <span className="mt-0.5 block text-muted">{isolation}</span>
      </p>
      {problem && <Alert type="error" showIcon title={problem} />}
      {!problem && !isolated && (
        <Alert type="warning" showIcon icon={<WarningFilled />} title={t('unprotectedBody')} />
      )}
      <p className="mt-auto flex flex-wrap gap-x-4 text-[13px] leading-5 text-faint">
        <span>
          {t('limits', {
            cpu: defaults.cpu,
            memory: byteSize(defaults.memoryBytes),
            disk: byteSize(defaults.diskBytes),
          })}
        </span>
        <span>
          {t('seen')} <RelativeTime at={seenAt} />
        </span>
      </p>
    </article>
  );
}
