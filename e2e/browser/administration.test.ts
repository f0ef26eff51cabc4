import { describeWith } from '@wegent/testing';
import { expect, test } from 'vitest';
import { useStage } from './stage.ts';

const MARY = { username: 'mary', password: 'password of mary' };
/** Nothing like the user name, so that each is recognised. */
const DISPLAY_NAME = 'Dr. Curie';

describeWith(['chromium'], 'browser: several people', () => {
  const stage = useStage();

  test('an administrator adds a person, who sees only what is theirs, and both talk in a group', async () => {
    const admin = await stage.person();
    const { page } = admin.app;
    await admin.app.openNewChat('public/assistant');
    await admin.app.ask('echo for the administrator only');
    const secretId = await admin.app.taskId();

    await admin.app.goto('/admin/users');
    await page.getByRole('button', { name: 'Add user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('User name').fill(MARY.username);
    await dialog.getByLabel('Display name').fill(DISPLAY_NAME);
    await dialog.getByLabel('Initial password').fill(MARY.password);
    await dialog.getByRole('button', { name: 'Add user' }).click();
    await page.getByRole('row').filter({ hasText: DISPLAY_NAME }).waitFor();

    const mary = await stage.visitor();
    mary.tolerate(/status of 404/);
    await mary.app.goto('/chat');
    await mary.app.page.waitForURL(/\/login/);
    await mary.app.signInWithForm(MARY);
    await mary.app.composer.waitFor();
    expect(await mary.app.taskItems.count()).toBe(0);
    expect(await mary.app.rail.getByRole('link', { name: 'Users' }).count()).toBe(0);
    await mary.app.goto(`/chat?task=${secretId}`);
    await mary.app.missingTask.waitFor();
    await mary.app.goto('/admin/users');
    await mary.app.page.getByText('This page is for administrators').waitFor();

    // The group chat begins with the administrator.
    await admin.app.openNewChat('public/assistant');
    await page.getByTestId('add-people').click();
    await page.getByRole('combobox', { name: 'Search by name' }).fill('mar');
    await page.getByTitle(/mary/i).first().click();
    await page.keyboard.press('Escape');
    await admin.app.send('Hello Mary, shall we ask the assistant?');
    const groupId = await admin.app.taskId();
    await mary.app.taskItems.filter({ hasText: 'Hello Mary' }).getByRole('link').click();
    await mary.app.questions.first().getByText('Hello Mary').waitFor();
    expect(await admin.app.answers.count()).toBe(0);

    await mary.app.composer.fill('@');
    await mary.app.page
      .getByTestId('mention-menu')
      .getByRole('option', { name: /assistant/ })
      .click();
    await mary.app.composer.pressSequentially('echo hello to both of you');
    await mary.app.composer.press('Enter');
    for (const { app } of [admin, mary]) {
      await app.prose(app.answers.first()).getByText('hello to both of you').waitFor();
      await app.questions.nth(1).waitFor();
    }
    await admin.app.questions.nth(1).getByText(DISPLAY_NAME).waitFor();
    expect(await mary.app.taskId()).toBe(groupId);

    // A disabled account is out at once.
    await admin.app.goto('/admin/users');
    await page.getByRole('button', { name: `Actions for ${DISPLAY_NAME}` }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('row').filter({ hasText: DISPLAY_NAME }).getByText('Disabled').waitFor();
    mary.tolerate(/status of 40[13]/);
    await mary.app.page.reload();
    await mary.app.page.waitForURL(/\/login/);
    await mary.app.signInWithForm(MARY);
    // The frame around the pages has an alert of its own, which announces them.
    await mary.app.page
      .getByRole('alert')
      .filter({ hasText: /ask an administrator/i })
      .waitFor();
  });
});
