import { UserAddOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Popover, Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi, useUser } from '../session/session-provider.tsx';

/** People who take part besides oneself, by user name; with any, the conversation is a group chat. */
export function PeoplePicker({ value, onChange }: { value: string[]; onChange: (people: string[]) => void }) {
  const { t } = useTranslation('chat');
  const label = value.length === 0 ? t('addPeople') : t('withPeople', { count: value.length });
  return (
    <Popover
      trigger="click"
      placement="topLeft"
      destroyOnHidden
      content={<People value={value} onChange={onChange} />}
      title={t('addPeople')}
    >
      <Button
        type="text"
        icon={<UserAddOutlined />}
        aria-label={label}
        title={label}
        data-testid="add-people"
        className={value.length === 0 ? 'text-muted!' : 'text-accent!'}
      >
        {value.length > 0 && value.length}
      </Button>
    </Popover>
  );
}

function People({ value, onChange }: { value: string[]; onChange: (people: string[]) => void }) {
  const { t } = useTranslation('chat');
  const me = useUser();
  const [typed, setTyped] = useState('');
  const found = useFoundPeople(useDeferredValue(typed.trim()));
  return (
    <Select
      mode="multiple"
      autoFocus
      className="w-72 max-w-[70vw]"
      placeholder={t('searchPeople')}
      aria-label={t('searchPeople')}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      loading={found.isFetching}
      notFoundContent={found.isFetching ? null : t('nobodyFound')}
      value={value}
      onChange={(people) => {
        setTyped('');
        onChange(people);
      }}
      options={(found.data ?? [])
        .filter(({ username }) => username !== me.username)
        .map(({ username, displayName }) => ({
          value: username,
          label: displayName ? `${displayName} (${username})` : username,
        }))}
    />
  );
}

function useFoundPeople(search: string) {
  const { http } = useApi();
  return useQuery({
    queryKey: ['people', search],
    queryFn: async ({ signal }) => {
      const { items } = await http.request<{
        items: { id: string; username: string; displayName?: string }[];
      }>('GET', '/api/v1/users', {
        query: { search },
        signal,
      });
      return items;
    },
  });
}
