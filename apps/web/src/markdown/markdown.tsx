import { memo, useRef } from 'react';
import { CodeBlock } from './code-block.tsx';
import './markdown.css';
import { MermaidBlock } from './mermaid-block.tsx';
import { Prose } from './prose.tsx';
import { type SplitText, splitBlocks } from './split-blocks.ts';

/** Markdown that a model or a person wrote. While `text` grows, only its last block is drawn again. */
export const Markdown = memo(function Markdown({
  text,
  growing = false,
}: {
  text: string;
  growing?: boolean;
}) {
  const split = useRef<SplitText>(undefined);
  // A cache and nothing else: the same text always splits the same way.
  split.current = splitBlocks(text, split.current);
  const { blocks } = split.current;
  return (
    <div className="wg-markdown">
      {blocks.map((block, index) => {
        const open = growing && index === blocks.length - 1;
        // Blocks are only ever added at the end, so the place is the identity.
        const key = index;
        if (block.kind === 'prose') return <Prose key={key} text={block.text} />;
        const { language, code } = block;
        const complete = block.closed || !open;
        if (language === 'mermaid') return <MermaidBlock key={key} code={code} complete={complete} />;
        return <CodeBlock key={key} language={language} code={code} complete={complete} />;
      })}
    </div>
  );
});
