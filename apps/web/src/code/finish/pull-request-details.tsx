import type { PullRequest } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../ui/visible-name.ts';
import { Row } from '../detail-rows.tsx';
import { ChecksMark } from './checks-mark.tsx';
import { isSafeLink } from './safe-link.ts';

/** A pull request as its host tells it. */
export function PullRequestDetails({ pullRequest }: { pullRequest: PullRequest }) {
  const { t } = useTranslation('code');
  const { number, title, url, state, draft, targetBranch, checks } = pullRequest;
  const name = `#${number} ${visibleName(title)}`;
  return (
    <>
      <Row label={t('details.title')}>
        {isSafeLink(url) ? (
          <a href={url} target="_blank" rel="noopener noreferrer" className="text-accent hover:underline">
            {name} ↗
          </a>
        ) : (
          name
        )}
      </Row>
      <Row label={t('details.state')}>
        <span className="inline-flex items-center gap-2">
          <ChecksMark pullRequest={pullRequest} />
          {t(`pullRequest.${state}`)}
          {draft && <span className="text-muted">{t('pullRequest.draft')}</span>}
        </span>
      </Row>
      <Row label={t('details.target')}>
        <code>{visibleName(targetBranch)}</code>
      </Row>
      {checks && checks.state !== 'none' && (
        <Row label={t('details.checks')}>
          {t(`checks.${checks.state}`)}
          <span className="text-muted">
            {' '}
            {t('checks.counts', { passed: checks.passed, failed: checks.failed, pending: checks.pending })}
          </span>
        </Row>
      )}
    </>
  );
}
