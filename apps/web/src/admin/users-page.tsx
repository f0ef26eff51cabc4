import { PlusOutlined } from '@ant-design/icons';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi, useUser } from '../session/session-provider.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SearchBox } from '../ui/search-box.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { CreateUser } from './create-user.tsx';
import { UsersTable } from './users-table.tsx';

const PAGE_SIZE = 50;

/** Everyone who may sign in; for administrators. */
export function UsersPage() {
  const { t } = useTranslation();
  if (useUser().role === 'admin') return <Users />;
  return <Notice title={t('forbidden.title')}>{t('forbidden.body')}</Notice>;
}

function Users() {
  const { t } = useTranslation('admin');
  const { users } = useApi();
  const [creating, setCreating] = useState(false);
  const [query, setQuery] = useState('');
  const search = useDeferredValue(query.trim());
  const pages = useInfiniteQuery({
    queryKey: ['users', search],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      users.list({
        limit: PAGE_SIZE,
        ...(search === '' ? {} : { search }),
        ...(pageParam === '' ? {} : { continue: pageParam }),
      }),
    getNextPageParam: (page) => page.metadata?.continue || undefined,
    placeholderData: (previous) => previous,
  });
  const items = pages.data?.pages.flatMap((page) => page.items);
  return (
    <Page
      title={t('users.title')}
      subtitle={t('users.subtitle')}
      actions={
        <>
          <SearchBox label={t('users.search')} value={query} onChange={setQuery} />
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
            {t('users.create')}
          </Button>
        </>
      }
    >
      {pages.isPending && <Waiting what={t('users.loading')} />}
      {pages.error && <ErrorNotice error={pages.error} onRetry={() => void pages.refetch()} />}
      {items?.length === 0 && <EmptyState title={t('users.noMatch', { query: search })} />}
      {items && items.length > 0 && <UsersTable users={items} />}
      {pages.hasNextPage && (
        <div className="mt-4 flex justify-center">
          <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {t('users.more')}
          </Button>
        </div>
      )}
      <CreateUser open={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}
