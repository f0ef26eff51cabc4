import { Segmented } from 'antd';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { CodeBlock } from './code-block.tsx';
import { useDiagram } from './use-diagram.ts';

/** A Mermaid diagram with its source a click away; the source alone while it is written or when it is broken. */
export const MermaidBlock = memo(function MermaidBlock({
  code,
  complete,
}: {
  code: string;
  complete: boolean;
}) {
  const { t } = useTranslation('chat');
  const { mode } = useAppearance();
  const [view, setView] = useState<'diagram' | 'source'>('diagram');
  const diagram = useDiagram({ code, mode, enabled: complete });
  if (diagram.status === 'waiting') return <CodeBlock language="mermaid" code={code} complete={complete} />;
  if (diagram.status === 'broken') {
    return (
      <>
        <CodeBlock language="mermaid" code={code} complete />
        <p className="text-[13px] text-muted">{t('markdown.brokenDiagram', { why: diagram.why })}</p>
      </>
    );
  }
  return (
    <figure className="my-3 overflow-hidden rounded-control border border-line bg-canvas">
      <figcaption className="flex h-9 items-center gap-2 border-b border-line bg-sunken pr-1 pl-1.5 text-[13px]">
        <Segmented
          size="small"
          value={view}
          onChange={setView}
          options={[
            { value: 'diagram', label: t('markdown.diagram') },
            { value: 'source', label: t('markdown.source') },
          ]}
        />
        <span className="flex-1" />
        <CopyButton text={code} type="text" size="small" className="text-[13px]! text-muted!" />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever uses a keyboard must be able to scroll it. */}
      <div className="overflow-x-auto p-4" tabIndex={0}>
        {view === 'source' ? (
          <pre className="text-code">
            <code>{code}</code>
          </pre>
        ) : (
          // As a picture it can neither run scripts nor take clicks, whatever its source says.
          // biome-ignore lint/performance/noImgElement: the picture is already in this page.
          <img
            src={diagram.url}
            width={diagram.width}
            height={diagram.height}
            alt={t('markdown.diagramOf', { source: code.slice(0, 200) })}
            className="mx-auto h-auto max-w-full"
            // Shrunk further, its words could not be read; then it scrolls.
            style={{ minWidth: diagram.width * 0.7 }}
          />
        )}
      </div>
    </figure>
  );
});
