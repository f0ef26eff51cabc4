import { DownloadOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { saveFile } from '../ui/save-file.ts';
import { SettingsPage } from './settings-page.tsx';

/** How to use this server from a terminal and with kubectl. */
export function TerminalPage() {
  const { t } = useTranslation('settings');
  const { http } = useApi();
  const kubeconfig = useMutation({
    mutationFn: async () => {
      const response = await http.send('GET', '/api/v1/kubeconfig', {
        headers: { accept: 'application/yaml' },
      });
      saveFile({ name: 'wegent.kubeconfig', type: 'application/yaml', content: await response.text() });
    },
  });
  const origin = typeof location === 'undefined' ? '' : location.origin;
  return (
    <SettingsPage section="terminal">
      <ol className="flex flex-col gap-8">
        <Step title={t('terminal.getTitle')} body={t('terminal.getBody')}>
          <Command
            lines={[
              `curl -fsSo ~/.local/bin/wegent ${origin}/cli/wegent.mjs`,
              'chmod +x ~/.local/bin/wegent',
            ]}
          />
        </Step>
        <Step title={t('terminal.loginTitle')} body={t('terminal.loginBody')}>
          <Command lines={[`wegent login --server ${origin}`]} />
        </Step>
        <Step title={t('terminal.useTitle')}>
          <Command
            lines={[
              `wegent run assistant -n public "${t('terminal.prompt')}"`,
              'wegent apply -f agents/',
              'wegent get tasks -w',
            ]}
          />
        </Step>
        <Step title={t('terminal.kubectlTitle')} body={t('terminal.kubectlBody')}>
          <Command
            lines={['wegent kubeconfig -o ~/.kube/wegent', 'kubectl --kubeconfig ~/.kube/wegent get teams']}
          />
          {kubeconfig.error && <ErrorNotice error={kubeconfig.error} />}
          <Button
            className="self-start"
            icon={<DownloadOutlined />}
            loading={kubeconfig.isPending}
            onClick={() => kubeconfig.mutate()}
          >
            {t('terminal.download')}
          </Button>
        </Step>
      </ol>
    </SettingsPage>
  );
}

function Step({ title, body, children }: { title: string; body?: string; children: ReactNode }) {
  return (
    <li className="flex flex-col gap-3">
      <div>
        <h2 className="m-0 text-base font-medium text-ink">{title}</h2>
        {body !== undefined && <p className="m-0 mt-1 text-muted">{body}</p>}
      </div>
      {children}
    </li>
  );
}

function Command({ lines }: { lines: readonly string[] }) {
  return (
    <div className="flex items-start gap-2 rounded-xl border border-line bg-raised p-3">
      <pre className="m-0 min-w-0 flex-1 py-1 text-sm leading-6 wrap-anywhere whitespace-pre-wrap">
        <code>{lines.join('\n')}</code>
      </pre>
      <CopyButton text={lines.join('\n')} type="text" size="small" />
    </div>
  );
}
