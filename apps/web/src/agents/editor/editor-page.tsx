import { RobotOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { Page } from '../../ui/page.tsx';
import { Waiting } from '../../ui/waiting.tsx';
import { keyOfPlace } from '../draft/agent-document.ts';
import { draftOfTeam } from '../draft/agent-draft.ts';
import type { Catalog } from '../draft/catalog.ts';
import { copyDraft } from '../draft/names.ts';
import { AgentEditor } from './agent-editor.tsx';
import { StartPage } from './start-page.tsx';
import { useCatalog } from './use-catalog.ts';
import type { EditorStart } from './use-editor.ts';
import { startOf } from './use-save.ts';
import { useSpaces } from './use-spaces.ts';

/** Edits an agent (`ns`, `name`), copies one (`copy`), or begins a new one. */
export function AgentEditPage() {
  const { t } = useTranslation('agents');
  const query = useSearchParams();
  const router = useRouter();
  const catalog = useCatalog();
  const spaces = useSpaces();
  const place = query.toString();
  const [opened, setOpened] = useState<Opened>();
  const here = opened?.places.includes(place) ? opened : undefined;
  const open = (start: EditorStart) =>
    setOpened((before) => ({ number: (before?.number ?? 0) + 1, places: [place], start }));

  if (catalog.error) {
    return (
      <Page title={t('title')}>
        <ErrorNotice error={catalog.error} onRetry={() => void catalog.refetch()} />
      </Page>
    );
  }
  const start = here?.start ?? (catalog.isFetchedAfterMount && startFor(query, catalog.data, spaces.own));
  if (!catalog.data || start === false) {
    return (
      <Page title={t('title')}>
        <Waiting what={t('editor.loading')} />
      </Page>
    );
  }
  if (start === 'missing') return <Missing />;
  if (!start) return <StartPage catalog={catalog.data} spaces={spaces} onStart={open} />;
  if (!here) {
    // What an editor begins with is settled once; what is read from the server later does not change it.
    open(start);
    return null;
  }
  return (
    <AgentEditor
      key={here.number}
      place={here.places[0] ?? place}
      start={start}
      catalog={catalog.data}
      spaces={spaces}
      onNamed={(link) => {
        // The same editor goes on when a new agent has got its address.
        setOpened({ ...here, places: [...here.places, link] });
        router.replace(`/agents/edit?${link}`);
      }}
    />
  );
}

/** The agent on the page, and the addresses that mean it. */
interface Opened {
  number: number;
  places: readonly string[];
  start: EditorStart;
}

function Missing() {
  const { t } = useTranslation('agents');
  return (
    <Page title={t('editor.missing')}>
      <EmptyState
        icon={<RobotOutlined />}
        title={t('editor.missing')}
        action={<Button href="/agents">{t('editor.back')}</Button>}
      >
        {t('editor.missingBody')}
      </EmptyState>
    </Page>
  );
}

function startFor(
  query: URLSearchParams,
  catalog: Catalog | undefined,
  own: string,
): EditorStart | 'missing' | undefined {
  if (!catalog) return undefined;
  const team = (namespace: string, name: string) =>
    catalog.objects.get(keyOfPlace({ kind: 'Team', namespace, name }));
  const name = query.get('name');
  if (name !== null) {
    const object = team(query.get('ns') ?? own, name);
    return object ? startOf(object, catalog) : 'missing';
  }
  const [namespace = '', copied = ''] = (query.get('copy') ?? '').split('/');
  if (copied === '') return undefined;
  const object = team(namespace, copied);
  if (!object) return 'missing';
  const draft = copyDraft({ draft: draftOfTeam(object, catalog), catalog }, own);
  return { draft, stored: new Map(), isNew: true };
}
