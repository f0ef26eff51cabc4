import { FolderOpenOutlined } from '@ant-design/icons';
import { Alert, Button, Input } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { draftFromYaml, type YamlProblem } from '../draft/draft-yaml.ts';
import type { EditorStart } from './use-editor.ts';

/** Begins an agent from YAML that somebody exported or wrote. */
export function ImportYaml({
  namespace,
  onStart,
}: {
  namespace: string;
  onStart: (start: EditorStart) => void;
}) {
  const { t } = useTranslation('agents');
  const [text, setText] = useState('');
  const [problems, setProblems] = useState<YamlProblem[]>([]);
  const picker = useRef<HTMLInputElement>(null);
  const read = (next: string) => {
    const { draft, problems: found } = draftFromYaml(next, namespace);
    setProblems(found);
    if (draft) onStart({ draft, stored: new Map(), isNew: true });
  };
  return (
    <section className="mt-6 rounded-xl border border-line bg-raised p-5">
      <h2 className="text-base font-semibold">{t('start.import')}</h2>
      <p className="mt-1 mb-3 text-[14px] leading-[22px] text-muted">{t('start.importHint')}</p>
      <Input.TextArea
        aria-label={t('start.import')}
        value={text}
        spellCheck={false}
        autoSize={{ minRows: 4, maxRows: 16 }}
        style={{ fontFamily: 'var(--wg-mono)', fontSize: 13 }}
        placeholder="kind: Team"
        onChange={({ target }) => {
          setText(target.value);
          setProblems([]);
        }}
      />
      {problems.length > 0 && (
        <Alert
          type="error"
          showIcon
          role="alert"
          className="mt-3!"
          title={problems
            .slice(0, 5)
            .map(({ from, line, message }) => (
              <p key={`${from} ${message}`}>{t('start.line', { line, message })}</p>
            ))}
        />
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        <Button icon={<FolderOpenOutlined />} onClick={() => picker.current?.click()}>
          {t('start.importFile')}
        </Button>
        <input
          ref={picker}
          type="file"
          hidden
          accept=".yaml,.yml,.json,application/yaml,application/json,text/plain"
          data-testid="import-file"
          onChange={async ({ target }) => {
            const [file] = target.files ?? [];
            target.value = '';
            if (!file) return;
            const content = await file.text();
            setText(content);
            read(content);
          }}
        />
        <Button disabled={text.trim() === ''} onClick={() => read(text)}>
          {t('start.importOpen')}
        </Button>
      </div>
    </section>
  );
}
