import { Select } from 'antd';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../ui/visible-name.ts';
import {
  isRepositoryAddress,
  nameOfAddress,
  type RepositoryChoice,
  withoutCredentials,
} from './repository-choice.ts';
import { useRepositories } from './use-git.ts';

/** Which repository: one of the person's git hosts, one used before, or any address that is typed. */
export function RepositoryPicker({
  id,
  value,
  recent,
  localAllowed,
  onChange,
}: {
  id: string;
  value: RepositoryChoice | undefined;
  recent: readonly RepositoryChoice[];
  localAllowed: boolean;
  onChange: (repository: RepositoryChoice | undefined) => void;
}) {
  const { t } = useTranslation('code');
  const [search, setSearch] = useState('');
  const found = useRepositories(search);
  const typed = isRepositoryAddress(search, localAllowed) ? withoutCredentials(search) : undefined;
  const words = search.trim().toLowerCase();
  const used = recent.filter(({ gitUrl, name }) => `${name} ${gitUrl}`.toLowerCase().includes(words));
  const hosted = (found.data?.items ?? [])
    .filter(({ gitUrl }) => !used.some((other) => other.gitUrl === gitUrl))
    .map(({ gitUrl, gitRepo }) => ({ gitUrl, name: gitRepo }));
  const groups = [
    { label: t('start.typed'), choices: typed ? [{ gitUrl: typed, name: nameOfAddress(typed) }] : [] },
    { label: t('start.recent'), choices: used },
    { label: t('start.hosted'), choices: hosted },
  ].filter(({ choices }) => choices.length > 0);
  const all = [...(value ? [value] : []), ...groups.flatMap(({ choices }) => choices)];
  return (
    <Select<string>
      id={id}
      allowClear
      showSearch={{ filterOption: false, onSearch: setSearch, searchValue: search }}
      data-testid="repository"
      className="w-full"
      placeholder={t(localAllowed ? 'start.repositoryHintLocal' : 'start.repositoryHint')}
      loading={found.isFetching}
      value={value?.gitUrl ?? null}
      labelRender={({ value: gitUrl }) => {
        const name = all.find((choice) => choice.gitUrl === gitUrl)?.name ?? String(gitUrl);
        return <span title={String(gitUrl)}>{visibleName(name)}</span>;
      }}
      options={groups.map(({ label, choices }) => ({
        label,
        options: choices.map(({ gitUrl, name }) => ({ value: gitUrl, label: name })),
      }))}
      optionRender={({ value: gitUrl, label }) => (
        <span className="block min-w-0">
          <span className="block truncate">{visibleName(String(label))}</span>
          <span className="block truncate text-xs text-faint">{visibleName(String(gitUrl))}</span>
        </span>
      )}
      notFoundContent={<NotFound searching={found.isFetching} words={words} />}
      onChange={(gitUrl) => {
        setSearch('');
        onChange(all.find((choice) => choice.gitUrl === gitUrl));
      }}
    />
  );
}

function NotFound({ searching, words }: { searching: boolean; words: string }) {
  const { t } = useTranslation('code');
  return (
    <p className="px-1 py-2 text-[14px] text-muted">
      {searching ? t('start.searching') : t(words === '' ? 'start.noneYet' : 'start.notFound')}{' '}
      {!searching && (
        <Link href="/settings/git" className="text-accent hover:underline">
          {t('start.connectHost')}
        </Link>
      )}
    </p>
  );
}
