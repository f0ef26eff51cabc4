import { describeWith } from '@wegent/testing';
import { expect, test } from 'vitest';
import { ADMIN, useStage } from './stage.ts';

describeWith(['chromium'], 'browser: a keyboard and nothing else', () => {
  const stage = useStage();

  test('signs in, asks, stops, finds and leaves', async () => {
    const { app } = await stage.visitor();
    const { page } = app;
    const { keyboard } = page;
    const focused = () => page.locator(':focus');
    /** Presses Tab until something with this name has the focus, as somebody does who listens. */
    const tabTo = async (name: RegExp) => {
      const heard: string[] = [];
      for (let step = 0; step < 60; step += 1) {
        await keyboard.press('Tab');
        // Behind the last element the focus is on the page itself, before it begins again.
        const called = await page.evaluate(() => {
          const element = document.activeElement;
          return element?.getAttribute('aria-label') || element?.textContent?.trim().slice(0, 80) || '';
        });
        heard.push(called);
        if (name.test(called)) return;
      }
      throw new Error(`Tab never reached ${name}; it passed ${heard.join(' | ')}`);
    };

    await app.goto('/login');
    await page.locator('input[autocomplete="username"]:focus').waitFor();
    await keyboard.type(ADMIN.username);
    await keyboard.press('Tab');
    await keyboard.type(ADMIN.password);
    await keyboard.press('Enter');

    // The box has the focus, and Esc in it stops what is written.
    await app.composer.and(focused()).waitFor();
    await keyboard.type('Tell me something in 300 words at 25 words per second');
    await keyboard.press('Enter');
    await app.untilWords(app.answers.first(), 5);
    await app.composer.and(focused()).waitFor();
    await keyboard.press('Escape');
    expect(await (await app.settledAnswer(0)).getAttribute('data-status')).toBe('cancelled');
    await keyboard.type('first line');
    await keyboard.press('Shift+Enter');
    await keyboard.type('second line');
    expect(await app.composer.inputValue()).toBe('first line\nsecond line');

    // What was written and not sent is there again.
    await page.reload();
    await app.untilSettled();
    expect(await app.composer.inputValue()).toBe('first line\nsecond line');
    await tabTo(/^New chat/);
    await tabTo(/Answer again/);
    await keyboard.press('Enter');
    await app.answers.first().getByText('2/2').or(app.stopButton).first().waitFor();

    // The palette finds a page, and Esc leaves everything as it was.
    await keyboard.press('Control+k');
    const palette = page.getByRole('combobox', { name: /Search chats/ });
    await palette.and(focused()).waitFor();
    await keyboard.press('Escape');
    await palette.waitFor({ state: 'hidden' });
    await keyboard.press('Control+k');
    await palette.and(focused()).waitFor();
    await keyboard.type('models');
    await page.getByRole('option', { name: 'Models' }).waitFor();
    await keyboard.press('Enter');
    await page.waitForURL(/\/library\/models/);
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await keyboard.press('Tab');
    expect(await focused().textContent()).toBe('Skip to content');
    await tabTo(/^Account|admin/);
    await keyboard.press('Enter');
    const signOut = page.getByRole('menuitem', { name: 'Sign out' });
    // A menu takes the focus when it opens.
    await page.getByRole('menu').locator(':focus').first().waitFor();
    await keyboard.press('ArrowUp');
    await signOut.and(focused()).waitFor();
    await keyboard.press('Enter');
    await page.waitForURL(/\/login/);
  });
});
