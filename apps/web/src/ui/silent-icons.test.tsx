import PlusOutlined from '@ant-design/icons/es/icons/PlusOutlined';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import './silent-icons.ts';

test('icons are not read aloud by the name of their file', () => {
  const html = renderToStaticMarkup(<PlusOutlined />);
  expect(html).toMatch(/^<span [^>]*aria-hidden="true"/);
  expect(html).not.toMatch(/^<span [^>]*(aria-label|role)=/);
});

test('an icon that says something keeps its name', () => {
  const html = renderToStaticMarkup(<PlusOutlined aria-label="Not ready" />);
  expect(html).toMatch(/^<span [^>]*role="img"[^>]*aria-label="Not ready"/);
  expect(html).not.toMatch(/^<span [^>]*aria-hidden/);
});
