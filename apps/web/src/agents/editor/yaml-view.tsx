import { CheckCircleFilled } from '@ant-design/icons';
import { lazy, Suspense, useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Waiting } from '../../ui/waiting.tsx';
import type { AgentKind } from '../draft/agent-document.ts';
import { teamOf } from '../draft/agent-draft.ts';
import { documentsOfKind } from '../draft/catalog.ts';
import { draftFromYaml } from '../draft/draft-yaml.ts';
import { useEditorControls } from './editor-context.tsx';
import { useProblemText } from './problem-line.tsx';
import type { Editor } from './use-editor.ts';

// The editor is a good part of a megabyte, which only those load who open it.
const YamlEditor = lazy(() => import('../yaml/yaml-editor.tsx'));

/** The draft as YAML: what is wrong stands on its line, also what the forms and the server say. */
export function YamlView({ editor, readOnly }: { editor: Editor; readOnly: boolean }) {
  const { t } = useTranslation('agents');
  const { draft, scope, problems } = useEditorControls();
  const problemText = useProblemText();
  const { text, yamlProblems } = editor;
  const namespace = teamOf(draft)?.metadata.namespace ?? '';
  const marks = useMemo(() => {
    if (yamlProblems.length > 0) {
      return yamlProblems.map(({ from, to, message }) => ({ from, to, message, severity: 'error' as const }));
    }
    const { locate } = draftFromYaml(text, namespace);
    return problems.map((problem) => ({
      ...locate(problem.key, problem.field),
      message: problemText(problem),
      severity: problem.severity,
    }));
  }, [text, namespace, yamlProblems, problems, problemText]);
  const namesOf = useCallback(
    (kind: AgentKind) => [...new Set(documentsOfKind(scope, kind).map(({ metadata }) => metadata.name))],
    [scope],
  );
  return (
    <div className="flex h-full flex-col">
      <div className="min-h-0 flex-1">
        <Suspense fallback={<Waiting what={t('yaml.loading')} />}>
          <YamlEditor
            phrases={{ 'Fold line': t('yaml.fold'), 'Unfold line': t('yaml.unfold') }}
            label={t('yaml.label')}
            text={text}
            marks={marks}
            readOnly={readOnly}
            namesOf={namesOf}
            onChange={editor.write}
          />
        </Suspense>
      </div>
      <footer className="max-h-40 flex-none overflow-y-auto border-t border-line px-4 py-2 text-[13px] leading-5">
        {marks.length === 0 ? (
          <p className="flex items-center gap-2 text-muted">
            <CheckCircleFilled className="text-success!" aria-hidden="true" />
            {t('yaml.fine')}
            <span className="max-md:hidden">· {t('yaml.hint')}</span>
          </p>
        ) : (
          <ul data-testid="yaml-problems">
            {marks.map(({ from, message, severity }) => (
              <li
                key={`${from} ${message}`}
                className={`break-words ${severity === 'error' ? 'text-error' : 'text-warning'}`}
              >
                {t('start.line', { line: lineOf(text, from), message })}
              </li>
            ))}
          </ul>
        )}
      </footer>
    </div>
  );
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
