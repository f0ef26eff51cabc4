import { CodeOutlined, MessageOutlined, NodeIndexOutlined, TeamOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../../ui/page.tsx';
import type { Catalog } from '../draft/catalog.ts';
import { draftOfTemplate, TEMPLATE_IDS, type TemplateId } from '../draft/templates.ts';
import { ImportYaml } from './import-yaml.tsx';
import type { EditorStart } from './use-editor.ts';
import type { Spaces } from './use-spaces.ts';
import { useTemplateWords } from './use-template-words.ts';

const ICONS: Record<TemplateId, ReactNode> = {
  chat: <MessageOutlined />,
  coder: <CodeOutlined />,
  pipeline: <NodeIndexOutlined />,
  leader: <TeamOutlined />,
};

/** The first question about a new agent: what it begins as. */
export function StartPage({
  catalog,
  spaces,
  onStart,
}: {
  catalog: Catalog;
  spaces: Spaces;
  onStart: (start: EditorStart) => void;
}) {
  const { t } = useTranslation('agents');
  const words = useTemplateWords();
  const [namespace, setNamespace] = useState(spaces.own);
  const spaceId = useId();
  const begin = (id: TemplateId) =>
    onStart({
      draft: draftOfTemplate(id, { words: words(id), namespace, catalog }),
      stored: new Map(),
      isNew: true,
    });
  return (
    <Page
      title={t('start.title')}
      subtitle={t('start.subtitle')}
      actions={
        spaces.writable.length > 1 && (
          <>
            <label htmlFor={spaceId}>{t('start.space')}</label>
            <Select
              id={spaceId}
              value={namespace}
              onChange={setNamespace}
              className="min-w-36"
              options={spaces.writable.map((value) => ({ value }))}
            />
          </>
        )
      }
    >
      <ul className="grid gap-4 sm:grid-cols-2">
        {TEMPLATE_IDS.map((id) => (
          <li
            key={id}
            className="flex flex-col rounded-xl border border-line bg-raised p-5"
            data-testid={`template-${id}`}
          >
            <div className="flex items-center gap-3">
              <span
                className="grid size-10 place-items-center rounded-lg bg-accent-soft text-lg text-accent"
                aria-hidden="true"
              >
                {ICONS[id]}
              </span>
              <h2 className="text-base font-semibold">{t(`templates.${id}.name`)}</h2>
            </div>
            <p className="mt-3 flex-1 text-[14px] leading-[22px] text-muted">{t(`templates.${id}.about`)}</p>
            <div className="mt-4">
              <Button
                aria-label={`${t('start.use')}: ${t(`templates.${id}.name`)}`}
                onClick={() => begin(id)}
              >
                {t('start.use')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      <ImportYaml namespace={namespace} onStart={onStart} />
    </Page>
  );
}
