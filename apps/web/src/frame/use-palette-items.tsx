import {
  AppstoreOutlined,
  ClusterOutlined,
  CodeOutlined,
  EditOutlined,
  MessageOutlined,
  RobotOutlined,
  SettingOutlined,
  TeamOutlined,
} from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTeams } from '../agents/use-teams.ts';
import { useApi, useUser } from '../session/session-provider.tsx';
import { newChatLink, newCodeLink, newTaskLink, taskLink } from './links.ts';

/** A line of the palette. */
export interface PaletteItem {
  key: string;
  group: 'chats' | 'agents' | 'pages';
  icon: ReactNode;
  label: string;
  detail?: string | undefined;
  href: string;
}

const CHATS = 6;
const AGENTS = 5;
const TYPING_MS = 200;

/** What the palette offers for a query; an empty one lists recent chats, agents and all pages. */
export function usePaletteItems(query: string): { items: PaletteItem[]; searching: boolean } {
  const { tasks } = useApi();
  const teams = useTeams();
  const pages = usePages();
  const search = useSettled(query);
  const chats = useQuery({
    queryKey: ['tasks', 'palette', search],
    queryFn: async ({ signal }) =>
      (await tasks.list({ limit: CHATS, signal, ...(search === '' ? {} : { search }) })).items,
    placeholderData: (previous) => previous,
    staleTime: 5000,
  });
  const matches = (...texts: (string | undefined)[]) =>
    texts.some((text) => text?.toLowerCase().includes(query.toLowerCase()));
  const searching = chats.isFetching || search !== query;
  // Until the server has answered, what it found for the words before must not be what Enter opens.
  const isStale = chats.isPlaceholderData || search !== query;
  const found = (chats.data ?? []).filter(({ title }) => !isStale || matches(title));

  return {
    searching: searching && query !== '',
    items: [
      ...found.map((task) => ({
        key: task.taskId,
        group: 'chats' as const,
        icon: task.spec.type === 'code' ? <CodeOutlined /> : <MessageOutlined />,
        label: task.title,
        detail: task.team?.displayName,
        href: taskLink(task),
      })),
      ...(teams.data ?? [])
        .filter(({ displayName, name, spec }) => matches(displayName, name, spec.description))
        .slice(0, AGENTS)
        .map((agent) => ({
          key: `${agent.namespace}/${agent.name}`,
          group: 'agents' as const,
          icon: agent.spec.icon ?? <RobotOutlined />,
          label: agent.displayName,
          detail: agent.spec.description,
          href: newTaskLink(agent),
        })),
      ...pages.filter(({ label, href }) => matches(label, href)),
    ],
  };
}

function usePages(): PaletteItem[] {
  const { t } = useTranslation();
  const { t: settings } = useTranslation('settings');
  const { role } = useUser();
  const page = (href: string, icon: ReactNode, label: string, detail?: string) =>
    ({ key: href, group: 'pages', icon, label, detail, href }) as const;
  return [
    page(newChatLink(), <EditOutlined key="icon" />, t('nav.newChat')),
    page(newCodeLink(), <CodeOutlined key="icon" />, t('nav.newCode')),
    page('/agents', <RobotOutlined key="icon" />, t('nav.agents')),
    page('/library/models', <AppstoreOutlined key="icon" />, t('nav.models')),
    ...(['profile', 'appearance', 'git', 'keys'] as const).map((section) =>
      page(
        `/settings/${section}`,
        <SettingOutlined key="icon" />,
        settings(`tabs.${section}`),
        t('nav.settings'),
      ),
    ),
    ...(role === 'admin'
      ? [
          page('/admin/users', <TeamOutlined key="icon" />, t('nav.users')),
          page('/admin/executors', <ClusterOutlined key="icon" />, t('nav.executors')),
        ]
      : []),
  ];
}

/** The value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
