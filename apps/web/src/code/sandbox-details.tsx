import { useTranslation } from 'react-i18next';
import { byteSize } from '../executors/byte-size.ts';
import { useExecutorSummary } from '../executors/use-executors.ts';
import { Copyable, Group, Row } from './detail-rows.tsx';

/** Where the work is done: which kind of sandbox, how it is kept apart, what it may use. */
export function SandboxDetails({ executor }: { executor: string | undefined }) {
  const { t } = useTranslation('code');
  const { t: executors } = useTranslation('executors');
  const { data: summary } = useExecutorSummary();
  if (!summary) return null;
  const { driver, isolation, isolated, defaults, problem } = summary;
  return (
    <Group title={t('details.sandbox')}>
      {executor && (
        <Row label={t('details.executor')}>
          <Copyable text={executor} />
        </Row>
      )}
      {driver && <Row label={t('details.driver')}>{driver}</Row>}
      <Row label={t('details.isolation')}>
        {isolated ? (
          (isolation ?? executors('state.isolated'))
        ) : (
          <span className="text-warning">{executors('state.unprotected')}</span>
        )}
      </Row>
      {defaults && (
        <Row label={t('details.limits')}>
          {executors('limits', {
            cpu: defaults.cpu,
            memory: byteSize(defaults.memoryBytes),
            disk: byteSize(defaults.diskBytes),
          })}
        </Row>
      )}
      {problem && (
        <Row label={t('details.problem')}>
          <span className="text-error">{problem}</span>
        </Row>
      )}
    </Group>
  );
}
