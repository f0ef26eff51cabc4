import {
  autocompletion,
  type CompletionContext,
  closeBrackets,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, foldGutter, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Annotation, Compartment, EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { AgentKind } from '../draft/agent-document.ts';
import { completeYaml, describeYaml } from './complete-yaml.ts';
import { yamlColours, yamlTheme } from './yaml-theme.ts';

interface YamlEditorProps {
  label: string;
  /** Words of the code editor itself, by its English ones. */
  phrases: Record<string, string>;
  text: string;
  /** What is said about parts of the text. */
  marks: readonly { from: number; to: number; message: string; severity: 'error' | 'warning' }[];
  readOnly: boolean;
  namesOf: (kind: AgentKind) => readonly string[];
  onChange: (text: string) => void;
}

/** Marks a change that came from outside and is no news to whoever owns the text. */
const FromOutside = Annotation.define<boolean>();

/** A code editor for YAML of agents: completion, hover texts and marks. */
export default function YamlEditor({
  label,
  phrases,
  text,
  marks,
  readOnly,
  namesOf,
  onChange,
}: YamlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const writable = useRef(new Compartment());
  const latest = useRef({ text, namesOf, onChange, readOnly, phrases });
  latest.current = { text, namesOf, onChange, readOnly, phrases };

  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          lineNumbers(),
          foldGutter(),
          lintGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          EditorView.lineWrapping,
          yaml(),
          syntaxHighlighting(yamlColours),
          yamlTheme,
          autocompletion({ override: [(context) => complete(context, latest.current.namesOf)] }),
          hoverTooltip((current, position) => hoverAt(current, position)),
          // Tab indents; Escape and then Tab leaves, as the keyboard users of code editors know it.
          keymap.of([...completionKeymap, ...lintKeymap, ...historyKeymap, indentWithTab, ...defaultKeymap]),
          // With tabindex programs know too that the keyboard gets there, and so can scroll.
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
          EditorState.phrases.of(latest.current.phrases),
          writable.current.of(EditorState.readOnly.of(latest.current.readOnly)),
          EditorView.updateListener.of((update) => {
            const own = update.transactions.some((transaction) => !transaction.annotation(FromOutside));
            if (update.docChanged && own) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === text) return;
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: text },
      annotations: FromOutside.of(true),
    });
  }, [text]);
  useEffect(() => {
    view.current?.dispatch({ effects: writable.current.reconfigure(EditorState.readOnly.of(readOnly)) });
  }, [readOnly]);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const end = editor.state.doc.length;
    const diagnostics: Diagnostic[] = marks.map(({ from, to, message, severity }) => ({
      from: Math.min(from, end),
      to: Math.min(Math.max(to, from), end),
      message,
      severity,
    }));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [marks]);
  return <div ref={host} className="h-full overflow-hidden" data-testid="yaml-editor" />;
}

function complete(context: CompletionContext, namesOf: YamlEditorProps['namesOf']) {
  const line = context.state.doc.lineAt(context.pos);
  const column = context.pos - line.from;
  const written = line.text.slice(0, column);
  // Nothing jumps up on an empty line until it is asked for.
  if (!context.explicit && !/[\w-]$|:\s$/.test(written)) return null;
  const lines = context.state.doc.toString().split('\n');
  const found = completeYaml({ lines, line: line.number - 1, column, namesOf });
  if (!found || found.options.length === 0) return null;
  return {
    from: line.from + found.from,
    validFor: /^[\w.-]*$/,
    options: found.options.map(({ label, insert, detail, info, type }) => ({
      label,
      type: type === 'reference' ? 'variable' : type,
      ...(insert === undefined ? {} : { apply: insert }),
      ...(detail === undefined ? {} : { detail }),
      ...(info === undefined ? {} : { info }),
    })),
  };
}

function hoverAt(view: EditorView, position: number) {
  const line = view.state.doc.lineAt(position);
  const lines = view.state.doc.toString().split('\n');
  const found = describeYaml(lines, line.number - 1, position - line.from);
  if (!found || (found.description === undefined && found.type === '')) return null;
  return {
    pos: line.from + found.from,
    end: line.from + found.to,
    above: true,
    create: () => {
      const dom = document.createElement('div');
      dom.className = 'wg-yaml-hover';
      const name = document.createElement('strong');
      name.textContent = found.key;
      const type = document.createElement('code');
      type.textContent = found.type;
      const words = document.createElement('p');
      words.textContent = found.description ?? '';
      dom.append(name, ' ', type, ...(found.description === undefined ? [] : [words]));
      return { dom };
    },
  };
}
