import { renderToStaticMarkup } from 'react-dom/server';
import { I18nextProvider } from 'react-i18next';
import { describe, expect, it } from 'vitest';
import { createI18n } from '../i18n/i18n.ts';
import { Picture } from './picture.tsx';

const DATA = 'data:image/png;base64,AAAA';

function draw(src: string, language: 'en' | 'zh' = 'en'): string {
  return renderToStaticMarkup(
    <I18nextProvider i18n={createI18n(language)}>
      <Picture src={src} alt="a stone" />
    </I18nextProvider>,
  );
}

describe('a picture in an answer', () => {
  it('asks no other host before somebody wants it to', () => {
    const html = draw('https://pictures.example/x.png?q=secret');
    expect(html).not.toContain('<img');
    expect(html).toContain('Load picture from pictures.example');
    expect(draw('https://pictures.example/x.png', 'zh')).toContain('加载来自 pictures.example 的图片');
  });

  it('shows what is in the answer itself', () => {
    expect(draw(DATA)).toContain(`<img src="${DATA}" alt="a stone"`);
  });
});
