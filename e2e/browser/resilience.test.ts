import { describeWith, waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import { type Person, signIn } from '../support/person.ts';
import { createRandom } from '../support/random.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import type { AppPage } from './app-page.ts';
import { useStage } from './stage.ts';

const STREAM = 'Tell me something in 150 words at 25 words per second';
/** A connection that is cut on purpose is reported by the browser. */
const CUT = /WebSocket|ERR_|Failed to fetch|Failed to load resource/;

describeWith(['chromium'], 'browser: nothing is lost on the way', () => {
  const stage = useStage();

  test('goes on after a reload in the middle of an answer', async () => {
    const { app } = await stage.person();
    await app.openNewChat('public/assistant');
    await app.send(STREAM);
    await app.untilWords(app.answers.first(), 15);
    await app.page.reload();
    await app.untilWords(app.answers.first(), 30);
    expect(await app.answers.first().getAttribute('aria-busy')).toBe('true');
    await expectAsStored(app, await stage.admin());
  });

  test('goes on when the browser was without a network', async () => {
    const { app, context, tolerate } = await stage.person();
    tolerate(CUT);
    await app.openNewChat('public/assistant');
    await app.send(STREAM);
    await app.untilWords(app.answers.first(), 10);
    await context.setOffline(true);
    await app.reconnecting.waitFor({ timeout: 60_000 });
    await context.setOffline(false);
    await app.reconnecting.waitFor({ state: 'hidden' });
    await expectAsStored(app, await stage.admin());
  });

  test('goes on when the connection breaks inside a word', async () => {
    await using proxy = await startTcpProxy(stage.server(), createRandom());
    const { app, tolerate } = await stage.person({ url: proxy.url });
    tolerate(CUT);
    await app.openNewChat('public/assistant');
    await app.send(STREAM);
    for (const words of [10, 40, 80]) {
      await app.untilWords(app.answers.first(), words);
      await proxy.cutInside();
    }
    await expectAsStored(app, await stage.admin());
    expect(await app.reconnecting.isVisible()).toBe(false);
  });

  test('goes on when the server is killed and started again', async () => {
    const { app, tolerate } = await stage.person();
    tolerate(CUT);
    await app.openNewChat('public/assistant');
    await app.send(STREAM);
    await app.untilWords(app.answers.first(), 20);
    const taskId = await app.taskId();
    await stage.server().kill();
    await app.reconnecting.waitFor();
    // What is written while nobody listens goes out when somebody does.
    await app.send('echo written while the server was away');
    await stage.server().restart();
    await app.reconnecting.waitFor({ state: 'hidden', timeout: 60_000 });
    await app
      .prose(app.answers.nth(1))
      .getByText('written while the server was away')
      .waitFor({ timeout: 60_000 });
    expect(await app.taskId()).toBe(taskId);
    expect(await app.questions.count()).toBe(2);
    await expectAsStored(app, await signIn(stage.server().url));
  });

  test('shows in every tab and every browser what happens in one of them', async () => {
    const visitor = await stage.person();
    const { app } = visitor;
    await app.openNewChat('public/assistant');
    await app.ask('echo begin');
    const taskId = await app.taskId();
    const tab = await visitor.newTab();
    const elsewhere = (await stage.person()).app;
    await Promise.all([tab, elsewhere].map((other) => other.openTask(taskId)));
    await Promise.all([tab, elsewhere].map((other) => other.settledAnswer(0)));

    await app.send('Tell me something in 300 words at 25 words per second');
    for (const other of [tab, elsewhere]) {
      await other.questions.nth(1).getByText('300 words').waitFor();
      await other.untilWords(other.answers.nth(1), 5);
    }
    // The rail of a tab that looks at something else is live as well.
    await elsewhere.openNewChat();
    await elsewhere.taskItems.and(elsewhere.page.locator('[data-phase="Running"]')).waitFor();
    await tab.stopButton.click();
    for (const other of [app, tab]) {
      const stopped = await other.settledAnswer(1);
      expect(await stopped.getAttribute('data-status')).toBe('cancelled');
    }
    await elsewhere.taskItems.and(elsewhere.page.locator('[data-phase="Cancelled"]')).first().waitFor();
    const texts = await Promise.all(
      [app, tab].map((other) => other.prose(other.answers.nth(1)).textContent()),
    );
    expect(texts[0]).toBe(texts[1]);
  });
});

/** Waits for the end of the newest answer and compares all answers on the screen with those of the server. */
async function expectAsStored(app: AppPage, person: Person): Promise<void> {
  const taskId = await app.taskId();
  await waitFor(async () => (await person.api.tasks.get(taskId)).phase === 'Completed', {
    what: 'the end of the run',
    timeoutMs: 60_000,
  });
  const { items } = await person.api.tasks.messages(taskId);
  const stored = items.filter(({ role }) => role === 'assistant').map(({ text }) => wordsOf(text));
  await expect
    .poll(
      async () => {
        const shown = await app.prose(app.answers).allInnerTexts();
        return shown.map(wordsOf);
      },
      { timeout: 15_000 },
    )
    .toEqual(stored);
  for (const answer of await app.answers.all()) expect(await answer.getAttribute('aria-busy')).toBe('false');
}

// How the browser breaks lines is no part of what was said.
function wordsOf(text: string): string {
  return text.split(/\s+/).join(' ').trim();
}
