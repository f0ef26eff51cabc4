import { describeWith, waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import type { AppPage } from './app-page.ts';
import { useStage } from './stage.ts';

const SLOW = 'Tell me something in 400 words at 25 words per second';

describeWith(['chromium'], 'browser: the conversation', () => {
  const stage = useStage();

  test('stops an answer and keeps what was written', async () => {
    const { app } = await stage.person();
    await app.openNewChat('public/assistant');
    await app.send(SLOW);
    const answer = app.answers.first();
    await app.untilWords(answer, 10);
    await app.stopButton.click();
    await app.untilSettled();
    expect(await answer.getAttribute('data-status')).toBe('cancelled');
    const kept = await app.prose(answer).textContent();
    expect(kept?.split(/\s+/).length).toBeGreaterThanOrEqual(10);
    await app.page.reload();
    await app.untilSettled();
    expect(await app.prose(app.answers.first()).textContent()).toBe(kept);

    // Esc in the box does the same.
    await app.send(SLOW);
    await app.untilWords(app.answers.nth(1), 5);
    await app.composer.press('Escape');
    expect(await (await app.settledAnswer(1)).getAttribute('data-status')).toBe('cancelled');
  });

  test('keeps every version of a message and of an answer', async () => {
    const { app } = await stage.person();
    await app.openNewChat('public/assistant');
    await app.ask('echo first version');
    const { page } = app;
    const question = app.questions.first();

    await edit(app, 'echo second version');
    await app.prose(app.answers.first()).getByText('second version').waitFor();
    await question.getByText('2/2').waitFor();
    await edit(app, 'echo third version');
    await app.prose(app.answers.first()).getByText('third version').waitFor();
    await question.getByText('3/3').waitFor();
    await question.getByTestId('sibling-prev').click();
    await question.getByText('2/3').waitFor();
    await app.prose(app.answers.first()).getByText('second version').waitFor();

    await app.answers.first().getByTestId('regenerate').click();
    await app.answers.first().getByText('2/2').waitFor();
    await app.untilSettled();
    await app.answers.first().getByTestId('sibling-prev').click();
    await app.answers.first().getByText('1/2').waitFor();

    // The server remembers where one was.
    await page.reload();
    await question.getByText('2/3').waitFor();
    await app.answers.first().getByText('1/2').waitFor();

    await app.answers.first().getByTestId('copy').click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('second version');
  });

  test('keeps messages in line while an answer is written', async () => {
    const { app } = await stage.person();
    await app.openNewChat('public/assistant');
    await app.send(SLOW);
    await app.untilWords(app.answers.first(), 3);
    await app.send('echo to be deleted');
    await app.send('echo to be edited');
    await app.send('echo to be sent now');
    await app.queueChips.nth(2).waitFor();
    expect(await app.queueChips.count()).toBe(3);

    await app.queueChips.filter({ hasText: 'deleted' }).getByTestId('queue-delete').click();
    await app.queueChips.filter({ hasText: 'deleted' }).waitFor({ state: 'detached' });
    await app.queueChips.filter({ hasText: 'edited' }).getByTestId('queue-edit').click();
    await expect.poll(() => app.composer.inputValue()).toBe('echo to be edited');
    await app.send('echo it was edited');
    await app.queueChips.filter({ hasText: 'it was edited' }).waitFor();
    await app.queueChips.filter({ hasText: 'sent now' }).getByTestId('queue-send-now').click();

    // The answer makes room, and the others come after it in their order.
    await app.prose(app.answers.nth(1)).getByText('to be sent now').waitFor();
    await app.prose(app.answers.nth(2)).getByText('it was edited').waitFor();
    await app.untilSettled();
    expect(await app.queueChips.count()).toBe(0);
    expect(await app.answers.first().getAttribute('data-status')).toBe('cancelled');
    expect(await app.questions.count()).toBe(3);
  });

  test('folds reasoning and tools away and opens them', async () => {
    const { app } = await stage.person();
    await app.openNewChat('public/assistant');
    const answer = await app.ask(
      '[[think The clock has to be asked first.]] [[tool! clock {"zone":"UTC"}]] [[say It is late.]]',
    );
    await app.prose(answer).getByText('It is late.').waitFor();
    const worked = answer.getByTestId('worked');
    expect(await worked.textContent()).toMatch(/Worked.*2 steps/);
    expect(await answer.getByText('The clock has to be asked first.').count()).toBe(0);
    await worked.getByRole('button').first().click();
    await answer.getByTestId('reasoning').getByRole('button').click();
    await answer.getByText('The clock has to be asked first.').waitFor();
    await answer.getByTestId('tool').getByRole('button').first().click();
    await answer.getByTestId('tool').getByText('UTC').first().waitFor();
  });

  test('draws Markdown, code, formulas, diagrams and tables', async () => {
    const { app } = await stage.person();
    await app.openNewChat('public/assistant');
    const code = await app.ask('write code in python');
    await code.locator('code.wg-code span[style]').first().waitFor();
    await code.getByText('python', { exact: true }).waitFor();
    await code.locator('figure').getByRole('button', { name: 'Copy' }).click();
    await expect.poll(() => app.page.evaluate(() => navigator.clipboard.readText())).toContain('def greet');

    const table = await app.ask('show me a table');
    await table.getByRole('columnheader', { name: 'Language' }).waitFor();
    const math = await app.ask('show me a formula');
    await math.locator('.katex-display').waitFor();
    const diagram = await app.ask('draw a mermaid diagram');
    await diagram.locator('figure img').waitFor();
    await expect
      .poll(() => diagram.locator('figure img').evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(50);
    const prose = await app.ask(
      '[[say # Head\n\n- one\n- **two**\n\n> said\n\n`x` and [a link](https://example.com)]]',
    );
    await prose.getByRole('heading', { name: 'Head' }).waitFor();
    await prose.getByRole('listitem').nth(1).waitFor();
    const link = prose.getByRole('link', { name: 'a link' });
    expect(await link.getAttribute('rel')).toContain('noopener');
    expect(await link.getAttribute('target')).toBe('_blank');
  });

  test.each([
    ['[[fault 401]]', 'ModelAuth', 'Open model settings'],
    ['[[fault 400]]', 'ModelBadRequest', 'Open model settings'],
    ['[[fault context]]', 'ContextTooLong', 'New chat'],
  ])('says what went wrong and what to do: %s', async (prompt, reason, step) => {
    const { app } = await stage.person();
    await app.openNewChat('public/assistant');
    await app.send(prompt);
    await app.errorCard.waitFor();
    expect(await app.errorCard.getAttribute('data-reason')).toBe(reason);
    const button = app.errorCard.getByRole('button', { name: step });
    await button.waitFor();
    if (step !== 'Open model settings') return;
    await button.click();
    await app.page.waitForURL(/\/library\/models/);
  });

  test('renames and deletes a conversation, in the list and in its head', async () => {
    const { app } = await stage.person();
    const { page } = app;
    await app.openNewChat('public/assistant');
    await app.ask('echo rename me');
    const taskId = await app.taskId();
    const item = app.taskItems.filter({ has: page.locator(`a[href*="${taskId}"]`) });
    await item.hover();
    await item.getByRole('button').click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByLabel('New title').fill('A better name');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'A better name' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'A better name' }).waitFor();
    expect(await page.title()).toContain('A better name');

    await page.getByTestId('conversation-actions').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await item.waitFor({ state: 'detached' });
    await page.goto(`/chat?task=${taskId}`);
    await app.missingTask.waitFor();
  });

  test('keeps the tokens of an answer at hand', async () => {
    const { app } = await stage.person();
    await app.openNewChat('public/assistant');
    const answer = await app.ask('20 words');
    await answer.getByTestId('usage').hover();
    await app.page.getByRole('tooltip').getByText('Output').waitFor();
    const admin = await stage.admin();
    const taskId = await app.taskId();
    const stored = await waitFor(
      async () =>
        (await admin.api.tasks.messages(taskId)).items.find(({ role }) => role === 'assistant')?.usage,
      { what: 'the usage' },
    );
    expect(stored.outputTokens).toBe(20);
  });
});

async function edit(app: AppPage, text: string): Promise<void> {
  const question = app.questions.first();
  await question.hover();
  await question.getByTestId('edit').click();
  await app.page.getByTestId('edit-box').fill(text);
  await app.page.getByTestId('edit-send').click();
}
