import { ClusterOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { useUser } from '../session/session-provider.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { EngineLine } from './engine-line.tsx';
import { ManagerCard } from './manager-card.tsx';
import { SandboxTable } from './sandbox-table.tsx';
import { Section } from './section.tsx';
import { mergeEngines, useExecutorOverview } from './use-executors.ts';
import { WaitingTable } from './waiting-table.tsx';

/** Where coding tasks run, what waits and why; for administrators. */
export function ExecutorsPage() {
  const { t } = useTranslation();
  if (useUser().role === 'admin') return <Executors />;
  return <Notice title={t('forbidden.title')}>{t('forbidden.body')}</Notice>;
}

function Executors() {
  const { t } = useTranslation('executors');
  const overview = useExecutorOverview();
  const { managers = [], waiting = [] } = overview.data ?? {};
  const engines = mergeEngines(managers.map((manager) => manager.engines));
  const sandboxes = managers.flatMap(({ managerId, sandboxes: own }) =>
    own.map((sandbox) => ({ ...sandbox, managerId })),
  );
  return (
    <Page title={t('title')} subtitle={t('subtitle')}>
      {overview.isPending && <Waiting what={t('loading')} />}
      {overview.error && <ErrorNotice error={overview.error} onRetry={() => void overview.refetch()} />}
      {overview.data && (
        <div className="flex flex-col gap-10">
          <Section title={t('managers')}>
            {managers.length === 0 ? (
              <EmptyState icon={<ClusterOutlined />} title={t('noManagers')}>
                {t('noManagersBody')}
              </EmptyState>
            ) : (
              <ul className="grid gap-4 lg:grid-cols-2">
                {managers.map((manager) => (
                  <li key={manager.managerId}>
                    <ManagerCard manager={manager} />
                  </li>
                ))}
              </ul>
            )}
          </Section>
          {engines.length > 0 && (
            <Section title={t('enginesTitle')}>
              <div className="flex flex-col gap-4 rounded-xl border border-line bg-raised p-5">
                {engines.map((engine) => (
                  <EngineLine key={engine.name} engine={engine} />
                ))}
              </div>
            </Section>
          )}
          <Section title={t('waiting')} count={waiting.length}>
            <WaitingTable runs={waiting} />
          </Section>
          <Section title={t('sandboxes')} count={sandboxes.length}>
            <SandboxTable sandboxes={sandboxes} />
          </Section>
        </div>
      )}
    </Page>
  );
}
