import { Alert, Button, Drawer } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useExecutorSummary } from '../../executors/use-executors.ts';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { useMedia } from '../../theme/use-media.ts';
import { PageTitle } from '../../ui/page-title.tsx';
import { teamOf } from '../draft/agent-draft.ts';
import type { Catalog } from '../draft/catalog.ts';
import { type Problem, problemsOf, withoutEchoes } from '../draft/problems.ts';
import { wordsOf } from '../draft/words.ts';
import { CanvasView } from './canvas-view.tsx';
import { EditorBar, type View } from './editor-bar.tsx';
import { type EditorControls, EditorProvider } from './editor-context.tsx';
import { FormView } from './form-view.tsx';
import { canKeep, keepDraft, keptDraft } from './kept-draft.ts';
import { hasForm, memberOfProblem } from './member-of-problem.ts';
import { PlanModal } from './plan-modal.tsx';
import { TryIt } from './try-it.tsx';
import { type EditorStart, useEditor } from './use-editor.ts';
import { useLeaveGuard } from './use-leave-guard.ts';
import { useOpenMembers } from './use-open-members.ts';
import { useSave } from './use-save.ts';
import type { Spaces } from './use-spaces.ts';
import { YamlView } from './yaml-view.tsx';

interface AgentEditorProps {
  /** Names the changes that are kept in this tab. */
  place: string;
  start: EditorStart;
  catalog: Catalog;
  spaces: Spaces;
  /** A new agent was saved; `link` is the query of its address. */
  onNamed: (link: string) => void;
}

/** One agent in three views over one draft, with the way to save it and a conversation to try it. */
export function AgentEditor({ place, start, catalog, spaces, onNamed }: AgentEditorProps) {
  const { t } = useTranslation('agents');
  const editor = useEditor(start);
  const { draft, dirty, broken, edit } = editor;
  const { language } = useAppearance().appearance;
  const executors = useExecutorSummary();
  const wide = useMedia('(min-width: 1280px)');
  const [view, setView] = useState<View>('form');
  const [trying, setTrying] = useState(false);
  const { open, setOpen, moveMember, removeMember } = useOpenMembers(start.draft, edit);
  const team = teamOf(draft);
  const writable = team !== undefined && spaces.canWrite(team.metadata.namespace);
  const { fromServer } = editor;
  const problems = useMemo(
    () =>
      withoutEchoes([
        ...problemsOf({ draft, catalog, isNew: editor.unplaced, executors: executors.data }),
        ...fromServer,
      ]),
    [draft, catalog, editor.unplaced, executors.data, fromServer],
  );
  const saving = useSave(editor, catalog, (saved) => {
    const { name = '', namespace = '' } = teamOf(saved)?.metadata ?? {};
    keepDraft(place, undefined);
    if (editor.isNew) onNamed(new URLSearchParams({ ns: namespace, name }).toString());
  });
  useLeaveGuard(dirty && writable, !editor.isNew && canKeep(draft));
  const restored = useKept({ place, editor, writable });

  const controls = useMemo<EditorControls>(
    () => ({
      draft,
      scope: { draft, catalog },
      stored: editor.stored,
      isNew: editor.unplaced,
      readOnly: !writable || broken,
      problems,
      spaces,
      edit,
      open,
      setOpen,
      moveMember,
      removeMember,
    }),
    [
      draft,
      catalog,
      editor.stored,
      editor.unplaced,
      writable,
      broken,
      problems,
      spaces,
      edit,
      open,
      setOpen,
      moveMember,
      removeMember,
    ],
  );
  const show = (problem: Problem) => {
    saving.close();
    const member = memberOfProblem(controls.scope, problem);
    if (!hasForm(problem)) return setView('yaml');
    if (member !== undefined) setOpen(member, true);
    if (view === 'yaml') setView('form');
    // The form of the member is drawn first.
    setTimeout(() =>
      document.querySelector('[data-testid="problem-error"]')?.scrollIntoView({ block: 'center' }),
    );
  };
  const tryIt = team && (
    <TryIt team={team} dirty={dirty} problems={problems} onClose={() => setTrying(false)} />
  );
  return (
    <EditorProvider value={controls}>
      <div className="flex h-full flex-col">
        <PageTitle title={team ? wordsOf(team, language).title : t('editor.unnamed')} />
        <EditorBar
          editor={editor}
          view={view}
          onView={setView}
          trying={trying}
          onTry={() => setTrying((before) => !before)}
          onReview={() => void saving.review()}
        />
        <div className="flex min-h-0 flex-1">
          <div className="flex min-w-0 flex-1 flex-col">
            {!writable && <Alert banner type="info" title={t('editor.readOnly')} className="flex-none" />}
            {restored && (
              <Alert
                banner
                closable
                type="info"
                title={t('editor.restored')}
                className="flex-none"
                action={
                  <Button size="small" onClick={() => editor.reset()}>
                    {t('editor.reset')}
                  </Button>
                }
              />
            )}
            {broken && view !== 'yaml' && (
              <Alert
                banner
                type="error"
                className="flex-none"
                title={t('editor.brokenYaml')}
                action={
                  <span className="flex flex-wrap gap-2">
                    <Button size="small" onClick={() => setView('yaml')}>
                      {t('editor.toYaml')}
                    </Button>
                    <Button size="small" onClick={editor.dropText}>
                      {t('editor.dropYaml')}
                    </Button>
                  </span>
                }
              />
            )}
            <div className="min-h-0 flex-1 overflow-y-auto">
              {view === 'form' && <FormView />}
              {view === 'canvas' && <CanvasView />}
              {view === 'yaml' && <YamlView editor={editor} readOnly={!writable} />}
            </div>
          </div>
          {trying && wide && (
            <aside
              aria-label={t('tryIt.title')}
              className="flex w-[440px] flex-none flex-col border-l border-line"
            >
              {tryIt}
            </aside>
          )}
        </div>
        {!wide && (
          <Drawer
            open={trying}
            onClose={() => setTrying(false)}
            size={Math.min(480, innerWidth)}
            closable={false}
            title={null}
            aria-label={t('tryIt.title')}
            styles={{ body: { padding: 0, display: 'flex', flexDirection: 'column' } }}
          >
            {tryIt}
          </Drawer>
        )}
        <PlanModal saving={saving} problems={problems} onShow={show} />
      </div>
    </EditorProvider>
  );
}

/** Keeps changes in this tab and brings them back; true while what was kept is on the page. */
function useKept({
  place,
  editor,
  writable,
}: {
  place: string;
  editor: ReturnType<typeof useEditor>;
  writable: boolean;
}): boolean {
  const { draft, dirty, edit } = editor;
  const [restored, setRestored] = useState(false);
  const [ready, setReady] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was kept is brought back once, at the start.
  useEffect(() => {
    const kept = writable && !editor.isNew ? keptDraft(place) : undefined;
    if (kept) {
      edit(() => kept);
      setRestored(true);
    }
    setReady(true);
  }, []);
  useEffect(() => {
    if (!ready) return;
    if (writable && !editor.isNew) keepDraft(place, dirty ? draft : undefined);
    if (!dirty) setRestored(false);
  }, [ready, place, draft, dirty, writable, editor.isNew]);
  return restored && dirty;
}
