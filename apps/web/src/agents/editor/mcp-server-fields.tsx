import { DeleteOutlined } from '@ant-design/icons';
import { Button, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { withChange } from '../draft/agent-draft.ts';
import { textOf } from '../draft/words.ts';
import { Field } from './field.tsx';
import { PairsField } from './pairs-field.tsx';

type Server = Record<string, unknown>;

/** One MCP server: where it is reached, or how it is started. */
export function McpServerFields({
  name,
  server,
  locked,
  taken,
  onChange,
  onRemove,
}: {
  name: string;
  server: Server;
  locked: boolean;
  taken: (name: string) => boolean;
  onChange: (name: string, server: Server) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation('agents');
  const type = server.type === 'http' || server.type === 'sse' ? server.type : 'stdio';
  const set = (change: Server) => onChange(name, withChange(server, change));
  const switchTo = (next: string) =>
    set(
      next === 'stdio'
        ? { type: undefined, url: undefined, headers: undefined, command: textOf(server.command) || 'npx' }
        : {
            type: next,
            url: textOf(server.url) || 'https://',
            command: undefined,
            args: undefined,
            env: undefined,
          },
    );
  return (
    <div className="mb-3 rounded-lg border border-line p-3">
      <div className="flex items-start gap-2">
        <div className="grid flex-1 gap-x-3 sm:grid-cols-2">
          <Field label={t('form.mcpName')}>
            {(control) => (
              <Input
                {...control}
                value={name}
                maxLength={100}
                disabled={locked}
                spellCheck={false}
                onChange={({ target }) => {
                  // Two servers of one name would become one while the second is being written.
                  if (!taken(target.value)) onChange(target.value, server);
                }}
              />
            )}
          </Field>
          <Field label={t('form.mcpType')}>
            {(control) => (
              <Select
                {...control}
                className="w-full"
                value={type}
                disabled={locked}
                options={[
                  { value: 'http', label: t('form.mcpHttp') },
                  { value: 'sse', label: t('form.mcpSse') },
                  { value: 'stdio', label: t('form.mcpStdio') },
                ]}
                onChange={switchTo}
              />
            )}
          </Field>
        </div>
        <Button
          type="text"
          icon={<DeleteOutlined />}
          disabled={locked}
          aria-label={t('form.mcpRemove', { name })}
          onClick={onRemove}
        />
      </div>
      {type === 'stdio' ? (
        <>
          <Field label={t('form.mcpCommand')}>
            {(control) => (
              <Input
                {...control}
                value={textOf(server.command)}
                disabled={locked}
                spellCheck={false}
                onChange={({ target }) => set({ command: target.value })}
              />
            )}
          </Field>
          <Field label={t('form.mcpArgs')}>
            {(control) => (
              <Input.TextArea
                {...control}
                value={Array.isArray(server.args) ? server.args.map(textOf).join('\n') : ''}
                disabled={locked}
                autoSize={{ minRows: 1, maxRows: 8 }}
                spellCheck={false}
                onChange={({ target }) =>
                  set({ args: target.value === '' ? undefined : target.value.split('\n') })
                }
              />
            )}
          </Field>
          <PairsField
            label={t('form.mcpEnv')}
            hint={t('form.mcpSecretHint')}
            separator="="
            value={server.env}
            locked={locked}
            onChange={(env) => set({ env })}
          />
        </>
      ) : (
        <>
          <Field label={t('form.mcpUrl')}>
            {(control) => (
              <Input
                {...control}
                value={textOf(server.url)}
                disabled={locked}
                inputMode="url"
                spellCheck={false}
                onChange={({ target }) => set({ url: target.value })}
              />
            )}
          </Field>
          <PairsField
            label={t('form.mcpHeaders')}
            hint={t('form.mcpSecretHint')}
            separator=":"
            value={server.headers}
            locked={locked}
            onChange={(headers) => set({ headers })}
          />
        </>
      )}
    </div>
  );
}
