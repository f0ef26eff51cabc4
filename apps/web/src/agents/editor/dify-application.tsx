import { ApiOutlined, LoadingOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TestFailure } from '../../models/test-result.tsx';
import { useApi } from '../../session/session-provider.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { type AgentDocument, keyOf } from '../draft/agent-document.ts';
import { DIFY_NAMES, envOf, nameIn } from '../draft/model-env.ts';
import { textOf } from '../draft/words.ts';
import { useEditorControls } from './editor-context.tsx';

/** Which application a Bot of Dify talks to, as its server says. It is asked when the form opens and on demand. */
export function DifyApplication({ model }: { model: AgentDocument }) {
  const { t } = useTranslation('agents');
  const { models } = useApi();
  const { spaces, stored, readOnly } = useEditorControls();
  const { name, namespace } = model.metadata;
  const mine = !readOnly && spaces.canWrite(namespace);
  const known = stored.has(keyOf(model)) || !mine;
  // What is being typed is not sent to any server before somebody asks for it.
  const [asked, setAsked] = useState(known ? model.spec : undefined);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['dify-application', namespace, name, asked],
    // With a spec nothing is stored of the outcome, so the version that is being edited stays the newest one.
    queryFn: () => models.test({ namespace, name, ...(mine ? { spec: { ...asked } } : {}) }),
    enabled: asked !== undefined,
    staleTime: Infinity,
    retry: false,
  });
  const env = envOf(model);
  const host = hostOf(textOf(env[nameIn(env, DIFY_NAMES.baseUrl)]));
  const changed = asked !== undefined && JSON.stringify(asked) !== JSON.stringify(model.spec);
  const ready = textOf(env[nameIn(env, DIFY_NAMES.apiKey)]) !== '';
  const ask = () => (changed || asked === undefined ? setAsked(model.spec) : void refetch());
  const application = data?.ok ? readReply(data.reply ?? '') : undefined;
  return (
    <div
      role="status"
      data-testid="dify-application"
      className="mb-5 rounded-control border border-line bg-sunken p-3"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="text-muted" aria-hidden="true">
          {isFetching ? <LoadingOutlined /> : <ApiOutlined />}
        </span>
        <p className="min-w-0 flex-[1_1_11rem] break-words">
          {isFetching ? (
            t('dify.asking', { host })
          ) : application && !changed ? (
            <>
              <span className="font-medium">{t('dify.talksTo', { name: application.name, host })}</span>
              {application.mode && (
                <span className="text-muted"> · {t(`dify.modes.${application.mode}`)}</span>
              )}
            </>
          ) : (
            <span className="text-muted">{t(changed ? 'dify.changed' : 'dify.unknown', { host })}</span>
          )}
        </p>
        <Button size="small" disabled={!ready || isFetching} onClick={ask}>
          {t('dify.ask')}
        </Button>
      </div>
      {!isFetching && !changed && error && <ErrorNotice error={error} className="mt-3" />}
      {!isFetching && !changed && data?.ok === false && (
        <div className="mt-3">
          <TestFailure error={data.error} />
        </div>
      )}
    </div>
  );
}

const MODES = ['chat', 'agent-chat', 'advanced-chat', 'agent', 'workflow', 'completion'] as const;

/** The server of the product answers `Name (mode)`. */
function readReply(reply: string): { name: string; mode: (typeof MODES)[number] | undefined } {
  const [, name, said] = /^(.*) \(([\w-]+)\)$/s.exec(reply) ?? [];
  const mode = MODES.find((known) => known === said);
  return mode && name !== undefined ? { name, mode } : { name: reply, mode: undefined };
}

function hostOf(address: string): string {
  return URL.parse(address === '' ? 'https://api.dify.ai' : address)?.host ?? address;
}
