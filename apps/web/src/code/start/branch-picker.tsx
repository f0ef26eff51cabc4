import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../ui/visible-name.ts';
import { useBranches } from './use-git.ts';

/** The branch that the work starts from: one of the repository, or a name that is typed. Nothing means its default. */
export function BranchPicker({
  id,
  gitUrl,
  value,
  onChange,
}: {
  id: string;
  gitUrl: string | undefined;
  value: string | undefined;
  onChange: (branch: string | undefined) => void;
}) {
  const { t } = useTranslation('code');
  const [search, setSearch] = useState('');
  const branches = useBranches(gitUrl);
  const { items = [], hint } = branches.data ?? {};
  const usual = items.find(({ isDefault }) => isDefault)?.name;
  const typed = search.trim();
  const options = items.map(({ name, isDefault }) => ({ value: name, label: name, isDefault }));
  // Where the branches are not known, whatever is typed may be one.
  const unknown =
    typed !== '' && (branches.isError || items.length === 0)
      ? [{ value: typed, label: typed, isDefault: false }]
      : [];
  return (
    <Select<string>
      id={id}
      allowClear
      showSearch={{ optionFilterProp: 'label', onSearch: setSearch, searchValue: search }}
      data-testid="branch"
      className="w-full"
      disabled={gitUrl === undefined}
      loading={branches.isFetching}
      placeholder={usual ?? t('start.defaultBranch')}
      value={value ?? null}
      options={[...unknown, ...options]}
      optionRender={({ data }) => (
        <span className="flex items-center gap-2">
          <span className="min-w-0 flex-1 truncate">{visibleName(String(data.value))}</span>
          {data.isDefault && <span className="flex-none text-xs text-faint">{t('start.isDefault')}</span>}
        </span>
      )}
      notFoundContent={
        <p className="px-1 py-2 text-[14px] text-muted">
          {branches.isFetching ? t('start.loadingBranches') : (hint ?? t('start.noBranch'))}
        </p>
      }
      onChange={(name) => {
        setSearch('');
        onChange(name ?? undefined);
      }}
    />
  );
}
