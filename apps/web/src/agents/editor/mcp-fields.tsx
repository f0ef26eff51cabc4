import { PlusOutlined } from '@ant-design/icons';
import { isMapping } from '@wegent/kube';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { freeName } from '../draft/names.ts';
import type { Problem } from '../draft/problems.ts';
import { McpServerFields } from './mcp-server-fields.tsx';
import { ProblemLine } from './problem-line.tsx';

/** The MCP servers of a persona. */
export function McpFields({
  servers,
  problems,
  locked,
  onChange,
}: {
  servers: Readonly<Record<string, unknown>>;
  problems: readonly Problem[];
  locked: boolean;
  onChange: (servers: Record<string, unknown>) => void;
}) {
  const { t } = useTranslation('agents');
  const entries = Object.entries(servers);
  const replace = (index: number, name: string, server: unknown) =>
    onChange(Object.fromEntries(entries.with(index, [name, server])));
  return (
    <fieldset className="mb-5">
      <legend className="mb-1 border-0! text-[15px]! font-medium text-ink!">{t('form.mcp')}</legend>
      <p className="mb-2 text-[13px] leading-5 text-muted">{t('form.mcpHint')}</p>
      {entries.map(([name, server], index) => (
        <McpServerFields
          // biome-ignore lint/suspicious/noArrayIndexKey: the name changes while it is written.
          key={index}
          name={name}
          server={isMapping(server) ? server : {}}
          locked={locked}
          taken={(other) => other !== name && other in servers}
          onChange={(next, change) => replace(index, next, change)}
          onRemove={() => onChange(Object.fromEntries(entries.toSpliced(index, 1)))}
        />
      ))}
      {problems.map((problem) => (
        <ProblemLine key={`${problem.field} ${problem.values.text ?? ''}`} problem={problem} />
      ))}
      <Button
        size="small"
        icon={<PlusOutlined />}
        disabled={locked}
        onClick={() =>
          onChange({
            ...servers,
            [freeName('tools', (name) => name in servers)]: { type: 'http', url: 'https://' },
          })
        }
      >
        {t('form.mcpAdd')}
      </Button>
    </fieldset>
  );
}
