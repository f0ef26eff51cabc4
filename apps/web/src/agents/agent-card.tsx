import { WarningOutlined } from '@ant-design/icons';
import { PUBLIC_NAMESPACE } from '@wegent/api';
import { Button, Tag, Tooltip } from 'antd';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { agentLink, newTaskLink } from '../frame/links.ts';
import { Monogram } from '../ui/monogram.tsx';
import { AgentMenu } from './agent-menu.tsx';
import type { Spaces } from './editor/use-spaces.ts';
import type { Agent } from './use-teams.ts';

/** One agent: what it is for, who is in it, and a way to talk to it. */
export function AgentCard({ agent, spaces }: { agent: Agent; spaces: Spaces }) {
  const { t } = useTranslation('agents');
  const router = useRouter();
  const { displayName, name, namespace, spec, problem } = agent;
  const code = newTaskLink(agent).startsWith('/code');
  return (
    <article className="flex h-full flex-col rounded-xl border border-line bg-raised p-5 transition-colors hover:border-line-strong">
      <div className="flex items-center gap-3">
        <Monogram name={displayName} icon={spec.icon} size={40} />
        <div className="min-w-0 flex-1">
          <h2 className="line-clamp-2 text-base font-semibold">
            <Link href={agentLink(agent)} className="text-ink! hover:text-accent!">
              {displayName}
            </Link>
          </h2>
          <p className="truncate text-[13px] leading-5 text-muted">
            {namespace === PUBLIC_NAMESPACE ? t('shared') : `${namespace}/${name}`}
          </p>
        </div>
        {problem && (
          <Tooltip title={problem}>
            <Tag color="warning" icon={<WarningOutlined />} tabIndex={0}>
              {t('notReady')}
            </Tag>
          </Tooltip>
        )}
        <AgentMenu agent={agent} spaces={spaces} />
      </div>
      <p className="mt-3 line-clamp-3 flex-1 text-[14px] leading-[22px] text-muted">{spec.description}</p>
      <div className="mt-4 flex items-center justify-between gap-2">
        <div className="flex min-w-0 flex-wrap gap-1">
          <Tag variant="filled">{t(`mode.${spec.collaborationModel}`)}</Tag>
          {spec.members.length > 1 && (
            <Tag variant="filled">{t('members', { count: spec.members.length })}</Tag>
          )}
        </div>
        <Button
          href={newTaskLink(agent)}
          aria-label={t(code ? 'startCodeWith' : 'startChatWith', { name: displayName })}
          onClick={(event) => {
            // A plain click stays inside the application; the others open a tab as usual.
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            router.push(newTaskLink(agent));
          }}
        >
          {t(code ? 'startCode' : 'startChat')}
        </Button>
      </div>
    </article>
  );
}
