import { readFile } from 'node:fs/promises';
import { describeWith } from '@wegent/testing';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { signIn } from '../support/person.ts';
import { useStage } from './stage.ts';

describeWith(['chromium'], 'browser: the agent editor', () => {
  const stage = useStage({ env: { SIMULATOR_PACE: '0' } });

  test('makes an agent from a template, in form and YAML, and tries it', async () => {
    const { app } = await stage.person();
    const { page } = app;
    const { api } = await stage.admin();
    await app.goto('/agents');
    await page.getByRole('button', { name: 'New agent' }).click();
    await page.getByRole('button', { name: 'Use this: Pipeline of two' }).click();

    // The name follows the display name, and the parts follow the name.
    await page.getByLabel('Display name').fill('News desk');
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('news-desk');
    await page.getByRole('button', { name: 'Edit writer' }).click();
    await page.getByLabel('System prompt').fill('You write news.');

    // What the form says is in the YAML, and the other way round.
    await choose(page, 'YAML');
    const code = page.locator('.cm-content');
    await code.getByText('news-desk-checker').first().waitFor();
    await code.getByText('You write news.').waitFor();
    await replaceInYaml(page, 'Writes a text and checks it before you get it.', 'News, checked.');
    await choose(page, 'Form');
    expect(await page.getByLabel('Description', { exact: true }).inputValue()).toBe('News, checked.');

    // The drawing has both members and selects the form of one.
    await choose(page, 'Canvas');
    expect(await page.getByTestId('canvas-member').count()).toBe(2);
    await page.getByTestId('canvas-member').nth(1).click();
    await page.getByLabel('Name in the team').fill('editor');
    await page.getByTestId('canvas-member').filter({ hasText: 'editor' }).waitFor();

    await tryIt(page);
    await page.getByTestId('try-it').getByText('Save first').waitFor();
    await page.getByTestId('review').click();
    const plan = page.getByTestId('plan');
    await plan.getByText('Bot news-desk-writer').waitFor();
    expect(await page.getByTestId('plan-step').count()).toBe(5);
    await save(page);
    await page.waitForURL(/ns=default&name=news-desk/);

    const team = await api.resources.get({ plural: 'teams', namespace: 'default', name: 'news-desk' });
    expect(team.spec).toMatchObject({
      description: 'News, checked.',
      collaborationModel: 'pipeline',
      members: [
        { name: 'writer', botRef: { name: 'news-desk-writer' }, requireConfirmation: true },
        { name: 'editor', botRef: { name: 'news-desk-checker' } },
      ],
    });

    const trial = page.getByTestId('try-it');
    await trial.getByTestId('composer').fill('echo first words');
    await trial.getByTestId('composer').press('Enter');
    await trial.getByText('first words', { exact: true }).first().waitFor();
    expect(await page.title()).toContain('News desk');
  });

  test('ordinary people look at shared agents and make copies of their own; export, import and delete', async () => {
    const admin = await stage.admin();
    const as = { username: 'wei', password: 'password of wei' };
    await admin.api.users.create({ ...as, role: 'user' });
    const { app, tolerate } = await stage.person({ as });
    const { page } = app;
    const { api } = await signIn(stage.server().url, as);
    await app.goto('/agents/edit?ns=public&name=writer');
    await page.getByText('You can look at this agent but not change it.').waitFor();
    expect(await page.getByLabel('Display name').isDisabled()).toBe(true);
    expect(await page.getByTestId('review').isDisabled()).toBe(true);

    await app.goto('/agents');
    const actions = page.getByRole('button', { name: 'Actions for Writer' });
    await actions.click();
    expect(await page.getByRole('menuitem', { name: 'Delete' }).count()).toBe(0);
    await page.getByRole('menuitem', { name: 'Duplicate to my space' }).click();
    await page.getByTestId('review').click();
    await save(page);
    await page.waitForURL(/ns=wei&name=writer/);
    const copied = await api.resources.get({ plural: 'bots', namespace: 'wei', name: 'writer' });
    expect(copied.spec.ghostRef).toEqual({ name: 'writer' });

    await page.getByRole('button', { name: 'More actions' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Export YAML' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain('kind: Team');
    expect(text).toContain('kind: Ghost');

    await app.goto('/agents/edit');
    const box = page.getByRole('textbox', { name: 'Import YAML' });
    await box.fill('kind: Team');
    await page.getByRole('button', { name: 'Open in the editor' }).click();
    await page
      .getByRole('alert')
      .getByText(/Line 1: metadata.name is missing/)
      .waitFor();
    await box.fill(text.replaceAll('name: writer', 'name: scribe'));
    await page.getByRole('button', { name: 'Open in the editor' }).click();
    await page.getByTestId('review').click();
    await save(page);
    await page.waitForURL(/ns=wei&name=scribe/);

    await app.goto('/agents');
    const card = page.getByRole('article').filter({ hasText: 'wei/scribe' });
    await card.getByRole('button', { name: /Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await card.waitFor({ state: 'detached' });
    tolerate(/status of 40[49]/);
  });
});

async function choose(page: Page, view: 'Form' | 'Canvas' | 'YAML'): Promise<void> {
  await page.getByRole('radiogroup', { name: 'View' }).getByText(view, { exact: true }).click();
}

async function save(page: Page): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
}

async function tryIt(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Try it' }).click();
}

/** Changes the first place of a text in the YAML editor, by keyboard. */
async function replaceInYaml(page: Page, before: string, after: string): Promise<void> {
  const line = page.locator('.cm-line').filter({ hasText: before }).first();
  const text = (await line.textContent()) ?? '';
  await line.click();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+End');
  await page.keyboard.insertText(text.trimStart().replace(before, after));
  await page.keyboard.press('Escape');
}
