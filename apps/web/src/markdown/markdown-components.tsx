import { isValidElement, type ReactNode } from 'react';
import type { Components } from 'react-markdown';
import { CodeBlock } from './code-block.tsx';
import { MermaidBlock } from './mermaid-block.tsx';
import { Picture } from './picture.tsx';

/** Elements of an answer that are more than their tag. */
export const MARKDOWN_COMPONENTS: Components = {
  a({ href, children, node: _node, ...rest }) {
    // What has no address that we trust is text.
    if (!href) return <span>{children}</span>;
    if (href.startsWith('#')) {
      return (
        <a {...rest} href={href}>
          {children}
        </a>
      );
    }
    return (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={rest.title}>
        {children}
      </a>
    );
  },
  img({ src, alt, title }) {
    if (typeof src !== 'string' || src === '') return <span>{alt}</span>;
    return <Picture src={src} alt={alt ?? ''} title={title} />;
  },
  table({ children }) {
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever uses a keyboard must be able to scroll it.
      <div className="wg-table" tabIndex={0}>
        <table>{children}</table>
      </div>
    );
  },
  pre({ children }) {
    const { language, code } = readCode(children);
    if (language === 'mermaid') return <MermaidBlock code={code} complete />;
    return <CodeBlock language={language} code={code} complete />;
  },
};

// Code inside lists and quotes comes as <pre><code class="language-x">.
function readCode(children: ReactNode): { language: string; code: string } {
  if (!isValidElement<{ className?: string; children?: ReactNode }>(children))
    return { language: '', code: '' };
  const { className = '', children: code } = children.props;
  return {
    language: /language-(\S+)/.exec(className)?.[1] ?? '',
    code: String(code ?? '').replace(/\n$/, ''),
  };
}
