import { describeWith, startGitHttpServer, waitFor } from '@wegent/testing';
import { afterAll, expect, test } from 'vitest';
import { makeAgents, openTask } from '../support/coding.ts';
import { newPerson } from '../support/person.ts';
import { createCodePage } from './code-page.ts';
import { CODING_ENV } from './coding-stage.ts';
import { useStage } from './stage.ts';

/** What npm takes to fetch the engine. */
const INSTALLATION_MS = 240_000;
const MARY = { username: 'mary', password: 'password of mary' };

describeWith(['bubblewrap', 'chromium'], 'browser: the engine of coding tasks', () => {
  let git: Awaited<ReturnType<typeof startGitHttpServer>>;
  afterAll(() => git?.[Symbol.asyncDispose]());
  const stage = useStage(async () => {
    git = await startGitHttpServer();
    await git.createRepository('ada/sample.git');
    return { env: { ...CODING_ENV, OUTBOUND_ALLOW: `127.0.0.1:${git.port}` } };
  });

  test('where it is missing a task fails at once, and the page says so before anyone starts', async () => {
    const admin = await stage.admin();
    await makeAgents(admin);
    const started = performance.now();
    const { taskId, executionIds } = await admin.api.tasks.create({
      clientMessageId: crypto.randomUUID(),
      team: { name: 'coder', namespace: 'default' },
      type: 'code',
      workspace: { gitUrl: `${git.url}/ada/sample.git` },
      message: 'Say hello',
    });
    const answer = await openTask(admin, taskId, executionIds[0] ?? '').answered(20_000);
    expect(answer).toMatchObject({ status: 'failed', error: { reason: 'EngineNotInstalled' } });
    expect(performance.now() - started).toBeLessThan(10_000);

    const mary = await newPerson(stage.server().url, admin, MARY.username);
    await makeAgents(mary);
    const visitor = await stage.person({ as: MARY });
    const code = createCodePage(visitor.app);
    await code.openNewCode();
    const notice = code.page.getByTestId('engine-missing');
    await notice.getByText('Claude Code is not installed').waitFor();
    await notice.getByText('Ask an administrator').waitFor();
    expect(await notice.getByRole('button').count()).toBe(0);
    await code.choose('repository', `${git.url}/ada/sample.git`);
    await code.send('Say hello');
    await code.page
      .getByRole('alert')
      .filter({ hasText: 'cannot start before the engine is installed' })
      .waitFor();
    expect(await code.composer.inputValue()).toBe('Say hello');
    expect((await mary.api.tasks.list()).items).toEqual([]);
    await code.goto('/admin/executors');
    await code.page.getByText('This page is for administrators').waitFor();
  });

  test('an administrator installs it with one click, sees how far it is, and then the task works', async () => {
    const { app, newTab, tolerate } = await stage.person();
    tolerate(/status of (404|409|503)/);
    const code = createCodePage(app);
    const { page } = code;
    const overview = await newTab();
    await overview.goto('/admin/executors');
    const engine = overview.page.getByTestId('engine').filter({ hasText: 'Claude Code' });
    await engine.and(overview.page.locator('[data-state="missing"]')).waitFor();

    await page.bringToFront();
    await code.openNewCode();
    const notice = page.getByTestId('engine-missing');
    await notice.getByRole('button', { name: 'Install' }).click();
    const bar = notice.getByRole('progressbar');
    await bar.waitFor();
    await engine.and(overview.page.locator('[data-state="installing"]')).waitFor();
    await engine.getByRole('progressbar').waitFor();
    await waitFor(async () => Number(await bar.getAttribute('aria-valuenow')) > 0, {
      what: 'progress',
      timeoutMs: INSTALLATION_MS,
    });
    await notice.waitFor({ state: 'detached', timeout: INSTALLATION_MS });
    await engine.and(overview.page.locator('[data-state="installed"]')).waitFor();
    expect(await engine.textContent()).toMatch(/\d+\.\d+\.\d+/);

    await code.fillIn({ repository: `${git.url}/ada/sample.git`, agent: 'coder' });
    await code.send('[[tool Bash {"command":"cat README.md"}]]');
    await code.untilBegun();
    const answer = await code.untilSettled();
    expect(await answer.getAttribute('data-status')).toBe('completed');
    await answer.getByText('A repository for tests.').first().waitFor();
  });
});
