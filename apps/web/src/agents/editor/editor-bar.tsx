import {
  ArrowLeftOutlined,
  DownloadOutlined,
  MenuOutlined,
  MoreOutlined,
  PlayCircleOutlined,
  UndoOutlined,
} from '@ant-design/icons';
import { Button, Dropdown, Segmented } from 'antd';
import Link from 'next/link';
import { useTranslation } from 'react-i18next';
import { useFrame } from '../../frame/frame-context.tsx';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { useMedia } from '../../theme/use-media.ts';
import { Monogram } from '../../ui/monogram.tsx';
import { teamOf } from '../draft/agent-draft.ts';
import { textOf, wordsOf } from '../draft/words.ts';
import { downloadYaml } from './download-yaml.ts';
import { useEditorControls } from './editor-context.tsx';
import type { Editor } from './use-editor.ts';

/** A view of the draft. */
export type View = 'form' | 'canvas' | 'yaml';
const VIEWS: readonly View[] = ['form', 'canvas', 'yaml'];

interface EditorBarProps {
  editor: Editor;
  view: View;
  onView: (view: View) => void;
  trying: boolean;
  onTry: () => void;
  onReview: () => void;
}

/** What is edited and its state; the views; try, export and save. */
export function EditorBar({ editor, view, onView, trying, onTry, onReview }: EditorBarProps) {
  const { t } = useTranslation('agents');
  const { t: common } = useTranslation();
  const { openMenu } = useFrame();
  const { draft, scope, readOnly, problems } = useEditorControls();
  const team = teamOf(draft);
  const { language } = useAppearance().appearance;
  const wide = useMedia('(min-width: 768px)');
  const title = team ? wordsOf(team, language).title : t('editor.unnamed');
  const errors = problems.filter(({ severity }) => severity === 'error').length + editor.yamlProblems.length;
  const views = (
    <Segmented<View>
      aria-label={t('editor.views.label')}
      value={view}
      onChange={onView}
      options={VIEWS.map((value) => ({ value, label: t(`editor.views.${value}`) }))}
    />
  );
  return (
    <header data-page-bar className="flex-none border-b border-line">
      <div className="flex h-14 items-center gap-2 px-2 lg:px-4">
        {openMenu && (
          <Button
            type="text"
            icon={<MenuOutlined />}
            aria-label={common('nav.openMenu')}
            onClick={openMenu}
          />
        )}
        <Link
          href="/agents"
          aria-label={t('editor.back')}
          title={t('editor.back')}
          className="grid size-9 flex-none place-items-center rounded-control text-muted hover:bg-hover hover:text-ink max-sm:hidden"
        >
          <ArrowLeftOutlined aria-hidden="true" />
        </Link>
        <span className="max-sm:hidden">
          <Monogram name={title} icon={textOf(team?.spec.icon)} size={30} />
        </span>
        <div className="min-w-0 flex-1">
          <h1 className="truncate text-[15px] leading-5 font-semibold">{title}</h1>
          <p className="truncate text-[13px] leading-5 text-muted" role="status" data-testid="draft-state">
            {errors > 0 ? (
              <span className="text-error">{t('editor.errors', { count: errors })}</span>
            ) : (
              t(editor.dirty ? 'editor.unsaved' : 'editor.saved')
            )}
          </p>
        </div>
        {wide && views}
        <Button
          icon={<PlayCircleOutlined />}
          aria-pressed={trying}
          aria-label={t('editor.tryIt')}
          onClick={onTry}
          className="ml-1"
        >
          <span className="max-sm:hidden">{t('editor.tryIt')}</span>
        </Button>
        <Button
          type="primary"
          disabled={readOnly || !editor.dirty || editor.broken}
          onClick={onReview}
          data-testid="review"
        >
          {t(wide ? 'editor.review' : 'editor.reviewShort')}
        </Button>
        <Dropdown
          autoFocus
          trigger={['click']}
          placement="bottomRight"
          menu={{
            items: [
              {
                key: 'export',
                icon: <DownloadOutlined />,
                label: t('exportYaml'),
                onClick: () => downloadYaml(draft, scope.catalog),
              },
              {
                key: 'reset',
                icon: <UndoOutlined />,
                label: t('editor.reset'),
                disabled: !editor.dirty || editor.isNew,
                onClick: editor.reset,
              },
            ],
          }}
        >
          <Button type="text" icon={<MoreOutlined />} aria-label={t('editor.moreActions')} />
        </Dropdown>
      </div>
      {!wide && <div className="px-3 pb-2">{views}</div>}
    </header>
  );
}
