import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  LoadingOutlined,
  MergeOutlined,
  PullRequestOutlined,
} from '@ant-design/icons';
import type { PullRequest } from '@wegent/api';
import { useTranslation } from 'react-i18next';

/** State of a pull request in one sign: merged, closed, or how its checks are. */
export function ChecksMark({ pullRequest }: { pullRequest: PullRequest }) {
  const { t } = useTranslation('code');
  const { state, checks } = pullRequest;
  if (state === 'merged')
    return <MergeOutlined className="text-accent" aria-label={t('pullRequest.merged')} />;
  if (state === 'closed')
    return <CloseCircleFilled className="text-faint" aria-label={t('pullRequest.closed')} />;
  switch (checks?.state) {
    case 'success':
      return <CheckCircleFilled className="text-success" aria-label={t('checks.success')} />;
    case 'failure':
      return <CloseCircleFilled className="text-error" aria-label={t('checks.failure')} />;
    case 'pending':
      return <LoadingOutlined className="text-warning" aria-label={t('checks.pending')} />;
    case undefined:
    case 'none':
      return <PullRequestOutlined className="text-success" aria-label={t('pullRequest.open')} />;
    default:
      return <ClockCircleOutlined className="text-faint" />;
  }
}
