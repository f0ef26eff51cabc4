import type { Locator, Page } from 'playwright-core';

/** A tab with the product in it, in the words of its screens. Names that differ by language are left to the tests. */
export type AppPage = ReturnType<typeof createAppPage>;

/** Wraps a tab. */
export function createAppPage(page: Page) {
  const answers = page.getByTestId('message-assistant');
  const questions = page.getByTestId('message-user');
  const composer = page.getByTestId('composer');
  const rail = page.getByRole('navigation').first();

  const app = {
    page,
    /** The box to write in. */
    composer,
    sendButton: page.getByTestId('send'),
    stopButton: page.getByTestId('stop'),
    fileInput: page.getByTestId('file-input'),
    /** The files of the message that is being written. */
    uploads: page.getByTestId('upload'),
    /** What people said, oldest first. */
    questions,
    /** What agents said, oldest first. */
    answers,
    queueChips: page.getByTestId('queue-chip'),
    errorCard: page.getByTestId('error-card'),
    reconnecting: page.getByTestId('reconnecting'),
    missingTask: page.getByTestId('missing-task'),
    taskItems: page.getByTestId('task-item'),
    rail,

    async goto(path: string): Promise<void> {
      await page.goto(path);
    },
    /** The id of the conversation on the screen. */
    async taskId(): Promise<string> {
      await page.waitForURL(/[?&]task=/);
      const id = new URL(page.url()).searchParams.get('task');
      if (id === null) throw new Error(`no task in ${page.url()}`);
      return id;
    },
    /** Opens the page of a new conversation, with an agent when one is named as `namespace/name`. */
    async openNewChat(agent?: string): Promise<void> {
      await page.goto(agent === undefined ? '/chat' : `/chat?agent=${encodeURIComponent(agent)}`);
      await composer.waitFor();
    },
    /** Chooses who answers in the new conversation. */
    async pickAgent(name: string): Promise<void> {
      await page.getByTestId('agent-picker').locator('label').filter({ hasText: name }).click();
    },
    async openTask(taskId: string): Promise<void> {
      await page.goto(`/chat?task=${taskId}`);
      await composer.waitFor();
    },
    /** Writes and presses Enter. */
    async send(text: string): Promise<void> {
      await composer.fill(text);
      await composer.press('Enter');
    },
    /** Sends and waits until the answer to it has settled. */
    async ask(text: string): Promise<Locator> {
      const count = await answers.count();
      await app.send(text);
      return app.settledAnswer(count);
    },
    /** The answer at a place, once nothing is written into it any more. */
    async settledAnswer(index: number): Promise<Locator> {
      const answer = answers.nth(index);
      await settled(answer).waitFor();
      return answer;
    },
    /** Waits until the newest answer has settled. */
    async untilSettled(options: { timeout?: number } = {}): Promise<Locator> {
      const newest = answers.last();
      await settled(newest).waitFor(options);
      return newest;
    },
    /** The prose of an answer, without its steps and actions. */
    prose: (answer: Locator): Locator => answer.locator('.wg-markdown'),
    /** Waits until an answer that is still being written shows at least so many words. */
    async untilWords(answer: Locator, count: number): Promise<void> {
      const element = await answer.elementHandle();
      await page.waitForFunction(
        ({ node, least }) => {
          const text = node?.querySelector('.wg-markdown')?.textContent ?? '';
          return text.split(/\s+/).length >= least;
        },
        { node: element, least: count },
      );
    },
    async signInWithForm({ username, password }: { username: string; password: string }): Promise<void> {
      await page.locator('input[autocomplete="username"]').fill(username);
      await page.locator('input[autocomplete="current-password"]').fill(password);
      await page.locator('button[type="submit"]').click();
    },
  };
  return app;
}

function settled(answer: Locator): Locator {
  return answer.and(answer.page().locator('[aria-busy="false"]'));
}
