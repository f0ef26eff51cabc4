import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** The product's look of code editors; its colours follow light and dark by themselves. */
export const yamlTheme = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', backgroundColor: 'var(--wg-canvas)', color: 'var(--wg-text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--wg-mono)', lineHeight: '20px' },
  '.cm-content': { padding: '12px 0', caretColor: 'var(--wg-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--wg-text)' },
  '.cm-gutters': { backgroundColor: 'var(--wg-canvas)', color: 'var(--wg-faint)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--wg-hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--wg-accent) 26%, transparent)',
  },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--wg-sunken)', border: 'none', color: 'var(--wg-muted)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--wg-raised)',
    border: '1px solid var(--wg-line-strong)',
    borderRadius: '10px',
    boxShadow: 'var(--wg-shadow)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px', lineHeight: '20px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--wg-accent-soft)',
    color: 'var(--wg-text)',
  },
  '.cm-completionDetail': { color: 'var(--wg-faint)', fontStyle: 'normal' },
  '.cm-completionInfo': { padding: '6px 10px', maxWidth: '320px', color: 'var(--wg-muted)' },
  '.wg-yaml-hover': {
    padding: '6px 10px',
    maxWidth: '420px',
    fontFamily: 'var(--wg-font)',
    lineHeight: '20px',
  },
  '.wg-yaml-hover code': { color: 'var(--wg-faint)' },
  '.cm-diagnostic': { padding: '4px 10px', fontFamily: 'var(--wg-font)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--wg-error)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--wg-warning)' },
});

/** Colours of what YAML is made of. */
export const yamlColours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--wg-accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--wg-success)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--wg-faint)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.typeName, tags.labelName], color: 'var(--wg-warning)' },
  { tag: [tags.separator, tags.punctuation, tags.meta], color: 'var(--wg-faint)' },
]);
