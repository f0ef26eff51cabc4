import { ExpandOutlined } from '@ant-design/icons';
import { isMapping } from '@wegent/kube';
import { Button, Collapse, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AgentDocument, keyOf } from '../draft/agent-document.ts';
import { editSpec } from '../draft/agent-draft.ts';
import { problemsAt } from '../draft/problems.ts';
import { textOf } from '../draft/words.ts';
import { ApprovalFields } from './approval-fields.tsx';
import { useEditorControls } from './editor-context.tsx';
import { Field } from './field.tsx';
import { McpFields } from './mcp-fields.tsx';

/** The Ghost of a Bot: who it is, what it can do, what it may not. */
export function PersonaFields({ ghost, locked }: { ghost: AgentDocument; locked: boolean }) {
  const { t } = useTranslation('agents');
  const { scope, problems, edit } = useEditorControls();
  const key = keyOf(ghost);
  const { spec } = ghost;
  const at = (field: string) => problemsAt(problems, key, field);
  const set = (change: Record<string, unknown>) => edit((draft) => editSpec(draft, key, change));
  const tools = isMapping(spec.tools) ? spec.tools : {};
  const setTools = (change: Record<string, unknown>) => {
    const next = Object.entries({ ...tools, ...change }).filter(([, value]) => value !== undefined);
    set({ tools: next.length === 0 ? undefined : Object.fromEntries(next) });
  };
  const skills = [...scope.catalog.objects.values()].filter(({ kind }) => kind === 'Skill');
  const [more, setMore] = useState(false);
  // What is wrong is never folded away.
  const wrong = ['mcpServers', 'skills', 'tools', 'approvals'].some(
    (field) => at(`spec.${field}`).length > 0,
  );
  const extras = count(spec.mcpServers) + count(spec.skills) + count(spec.approvals) + count(spec.tools);
  return (
    <>
      <SystemPrompt ghost={ghost} locked={locked} />
      <Collapse
        ghost
        className="-mx-4!"
        activeKey={more || wrong ? ['more'] : []}
        onChange={(keys) => setMore(keys.length > 0)}
        items={[
          {
            key: 'more',
            label: (
              <span className="font-medium">
                {t('form.more')}
                {extras > 0 && <span className="font-normal text-muted"> · {extras}</span>}
              </span>
            ),
            children: (
              <>
                <McpFields
                  servers={isMapping(spec.mcpServers) ? spec.mcpServers : {}}
                  problems={at('spec.mcpServers')}
                  locked={locked}
                  onChange={(servers) =>
                    set({ mcpServers: Object.keys(servers).length === 0 ? undefined : servers })
                  }
                />
                <Field label={t('form.skills')} hint={t('form.skillsHint')} problems={at('spec.skills')}>
                  {(control) => (
                    <Select
                      {...control}
                      mode="tags"
                      className="w-full"
                      disabled={locked}
                      value={listOf(spec.skills)}
                      options={[...new Set(skills.map(({ metadata }) => metadata.name))].map((value) => ({
                        value,
                      }))}
                      onChange={(value: string[]) => set({ skills: value.length === 0 ? undefined : value })}
                    />
                  )}
                </Field>
                <div className="grid gap-x-4 sm:grid-cols-2">
                  {(['allow', 'deny'] as const).map((side) => (
                    <Field
                      key={side}
                      label={`${t('form.tools')}: ${t(`form.${side}`)}`}
                      hint={side === 'allow' && t('form.allowHint')}
                      problems={at(`spec.tools.${side}`)}
                    >
                      {(control) => (
                        <Select
                          {...control}
                          mode="tags"
                          className="w-full"
                          disabled={locked}
                          open={false}
                          suffixIcon={null}
                          value={listOf(tools[side])}
                          onChange={(value: string[]) =>
                            setTools({ [side]: value.length === 0 ? undefined : value })
                          }
                        />
                      )}
                    </Field>
                  ))}
                </div>
                <ApprovalFields
                  rules={
                    Array.isArray(spec.approvals)
                      ? spec.approvals.map((rule: unknown) => (isMapping(rule) ? rule : {}))
                      : []
                  }
                  problems={at('spec.approvals')}
                  locked={locked}
                  onChange={(rules) => set({ approvals: rules.length === 0 ? undefined : rules })}
                />
              </>
            ),
          },
        ]}
      />
    </>
  );
}

function SystemPrompt({ ghost, locked }: { ghost: AgentDocument; locked: boolean }) {
  const { t } = useTranslation('agents');
  const { problems, edit } = useEditorControls();
  const [large, setLarge] = useState(false);
  const key = keyOf(ghost);
  const prompt = textOf(ghost.spec.systemPrompt);
  const set = (systemPrompt: string) => edit((draft) => editSpec(draft, key, { systemPrompt }));
  return (
    <>
      <Field
        label={
          <span className="flex items-center justify-between">
            {t('form.systemPrompt')}
            <Button
              type="text"
              size="small"
              icon={<ExpandOutlined />}
              onClick={(event) => {
                event.preventDefault();
                setLarge(true);
              }}
            >
              {t('form.enlarge')}
            </Button>
          </span>
        }
        hint={t('form.systemPromptHint')}
        problems={problemsAt(problems, key, 'spec.systemPrompt')}
      >
        {(control) => (
          <Input.TextArea
            {...control}
            aria-label={t('form.systemPrompt')}
            value={prompt}
            disabled={locked}
            autoSize={{ minRows: 4, maxRows: 14 }}
            onChange={({ target }) => set(target.value)}
          />
        )}
      </Field>
      <Modal
        open={large}
        width={1000}
        title={t('form.systemPrompt')}
        onCancel={() => setLarge(false)}
        footer={
          <Button type="primary" onClick={() => setLarge(false)}>
            {t('form.done')}
          </Button>
        }
      >
        <Input.TextArea
          aria-label={t('form.systemPrompt')}
          value={prompt}
          disabled={locked}
          style={{ height: '60vh', fontFamily: 'var(--wg-mono)', fontSize: 13 }}
          onChange={({ target }) => set(target.value)}
        />
      </Modal>
    </>
  );
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textOf) : [];
}

function count(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return isMapping(value) ? Object.keys(value).length : 0;
}
