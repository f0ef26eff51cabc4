import { describeWith } from '@wegent/testing';
import { expect, test } from 'vitest';
import { seriousFaults } from './judge-page.ts';
import { useStage } from './stage.ts';

const PASSWORD = 'a password nobody guesses';

describeWith(['chromium'], 'browser: the first run', () => {
  const stage = useStage({ env: { WEGENT_ADMIN_PASSWORD: undefined } });

  test('leads from the printed link to an answer, which is there again after signing out and in', async () => {
    const printed = stage.server().process().output();
    const setupUrl = /https?:\/\/\S+\/setup\?token=\S+/.exec(printed)?.[0];
    expect(setupUrl, printed).toBeDefined();
    const { app, tolerate } = await stage.visitor();
    const { page } = app;

    // Who comes without the link gets told where it is.
    await app.goto('/');
    await page.getByText('This installation is not set up yet').waitFor();
    expect(await seriousFaults(page)).toEqual([]);

    await app.goto(setupUrl ?? '');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByLabel('Repeat the password').fill('something else');
    await page.getByRole('button', { name: 'Create administrator' }).click();
    await page.getByText('The two passwords differ.').waitFor();
    await page.getByLabel('Repeat the password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create administrator' }).click();

    await page.waitForURL(/\/chat/);
    await app.pickAgent('Code reviewer');
    const question = 'Tell me something in 120 words at 30 words per second';
    await app.send(question);
    const answer = app.answers.first();
    await app.untilWords(answer, 5);
    const early = (await app.prose(answer).textContent()) ?? '';
    await app.untilWords(answer, 40);
    const later = (await app.prose(answer).textContent()) ?? '';
    expect(later.length).toBeGreaterThan(early.length);
    expect(later.startsWith(early)).toBe(true);
    expect(await answer.getAttribute('aria-busy')).toBe('true');
    await app.settledAnswer(0);

    const text = await app.prose(answer).textContent();
    const taskId = await app.taskId();
    const asItWas = async () => {
      await app.settledAnswer(0);
      expect(await app.prose(app.answers.first()).textContent()).toBe(text);
      expect(await app.questions.first().textContent()).toContain(question);
      await page.getByRole('main').getByText('Code reviewer', { exact: true }).waitFor();
      await app.taskItems.first().waitFor();
      expect(await app.taskId()).toBe(taskId);
    };
    await page.reload();
    await asItWas();

    await page.getByRole('button', { name: /Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/\/login/);
    tolerate(/status of 401.*auth\/login/);
    await app.signInWithForm({ username: 'admin', password: 'not the password' });
    await page.getByText('User name or password is wrong.').waitFor();
    await app.signInWithForm({ username: 'admin', password: PASSWORD });
    await page.waitForURL(/\/chat/);
    await app.taskItems.first().getByRole('link').click();
    await asItWas();

    // The link has done its work.
    const other = await stage.visitor();
    await other.app.goto(setupUrl ?? '');
    await other.app.page.getByText('This installation is already set up').waitFor();
  });
});
