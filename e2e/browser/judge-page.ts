import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** What is wrong with a page for people with disabilities, as far as a program can tell; serious and worse. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate(async (): Promise<AxeResults> => {
    const { axe: judge } = window as unknown as { axe: typeof axe };
    return judge.run(document, { resultTypes: ['violations'] });
  });
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}\n${failureSummary ?? ''}`),
    );
}

/** By how many pixels a page is wider than its window; 0 when nobody has to scroll sideways. */
export async function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return Math.max(0, scrollWidth - clientWidth);
  });
}

/** Names and words that stand on Chinese screens as they are. */
const UNTRANSLATED =
  /^(Wegent|Esc|Ctrl K|⌘K|EN|English|admin|default|mei|demo( ·)?|OpenAI|Anthropic|Google Gemini|OpenRouter|DeepSeek|Ollama|TypeScript|UTC|API|OpenAI Responses|Git|kubectl|https?:\S+|\S+@\S+)$/i;

/** Places whose words are those of programs, not ours. */
const FOREIGN = 'pre, code, script, style, svg, noscript, kbd, [data-testid=logs], .cm-content';

/** Texts of a page that should be Chinese and are not: what is visible, and what is only read aloud. */
export async function untranslatedTexts(page: Page): Promise<string[]> {
  const texts = await page.evaluate((foreign) => {
    const found = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      // What programs say and people write stays in its language.
      if (!element || element.closest(foreign)) continue;
      if (element.getClientRects().length > 0) found.add(node.textContent?.trim() ?? '');
    }
    for (const name of ['aria-label', 'placeholder', 'title', 'alt', 'aria-description']) {
      for (const element of document.querySelectorAll(`body [${name}]`)) {
        if (element.closest(foreign)) continue;
        // Another element names it.
        if (name === 'aria-label' && element.hasAttribute('aria-labelledby')) continue;
        found.add(element.getAttribute(name)?.trim() ?? '');
      }
    }
    found.add(document.title);
    return [...found];
  }, FOREIGN);
  return texts.filter(
    (text) => /[A-Za-z]{2,}/.test(text) && !/\p{Script=Han}/u.test(text) && !UNTRANSLATED.test(text),
  );
}
