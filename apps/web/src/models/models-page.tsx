import { AppstoreOutlined, PlusOutlined } from '@ant-design/icons';
import type { ResourceObject } from '@wegent/api';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { Page } from '../ui/page.tsx';
import { SearchBox } from '../ui/search-box.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { ModelDrawer } from './model-drawer.tsx';
import { ModelRow } from './model-row.tsx';
import { useModels } from './use-models.ts';

/** What the drawer shows; each opening is a drawer of its own, so that one that is still closing disturbs nobody. */
type Editing = { opening: number; stored?: ResourceObject };

/** The Models that agents can think with. */
export function ModelsPage() {
  const { t } = useTranslation('models');
  const models = useModels();
  const [query, setQuery] = useState('');
  const [editing, setEditing] = useState<Editing>();
  const edit = (stored?: ResourceObject) =>
    setEditing((previous) => ({ opening: (previous?.opening ?? 0) + 1, ...(stored ? { stored } : {}) }));
  const wanted = query.trim().toLowerCase();
  const found = (models.data ?? []).filter(({ displayName, name, spec }) =>
    `${displayName} ${name} ${spec.modelConfig.env.model_id ?? ''}`.toLowerCase().includes(wanted),
  );
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => edit()}>
      {t('add')}
    </Button>
  );
  return (
    <Page
      title={t('title')}
      subtitle={t('subtitle')}
      actions={
        <>
          <SearchBox label={t('search')} value={query} onChange={setQuery} />
          {add}
        </>
      }
    >
      {models.isPending && <Waiting what={t('loading')} />}
      {models.error && <ErrorNotice error={models.error} onRetry={() => void models.refetch()} />}
      {models.data?.length === 0 && (
        <EmptyState icon={<AppstoreOutlined />} title={t('empty')} action={add}>
          {t('emptyBody')}
        </EmptyState>
      )}
      {models.data && models.data.length > 0 && found.length === 0 && (
        <EmptyState title={t('noMatch', { query })} />
      )}
      {found.length > 0 && (
        <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-raised">
          {found.map((model) => (
            <ModelRow
              key={`${model.namespace}/${model.name}`}
              model={model}
              onEdit={() => edit(model.object)}
            />
          ))}
        </ul>
      )}
      {editing && (
        <ModelDrawer
          key={editing.opening}
          {...(editing.stored ? { stored: editing.stored } : {})}
          onClose={() => setEditing(undefined)}
        />
      )}
    </Page>
  );
}
