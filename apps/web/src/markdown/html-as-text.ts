/** The part of a Markdown tree that matters here. */
interface Node {
  type: string;
  value?: string;
  children?: Node[];
}

/** A remark plugin: HTML in Markdown becomes the text that it is; only `<br>`, which models use in tables, breaks the line. */
export function htmlAsText() {
  return (tree: Node): void => replace(tree, true);
}

function replace(node: Node, isRoot = false): void {
  if (!node.children) return;
  node.children = node.children.map((child): Node => {
    if (child.type !== 'html') {
      replace(child);
      return child;
    }
    if (/^<br\s*\/?>$/i.test(child.value ?? '')) return { type: 'break' };
    const text: Node = { type: 'text', value: child.value ?? '' };
    // A block of HTML stands where only paragraphs may.
    return isRoot || node.type === 'blockquote' || node.type === 'listItem'
      ? { type: 'paragraph', children: [text] }
      : text;
  });
}
