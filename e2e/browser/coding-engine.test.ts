import { describeWith, startGitHttpServer, waitFor } from '@wegent/testing';
import { afterAll, expect, test } from 'vitest';
import { makeAgents, openTask } from '../support/coding.ts';
import { e2eConfig } from '../support/config.ts';
import { newPerson } from '../support/person.ts';
import { createCodePage } from './code-page.ts';
import { CODING_ENV } from './coding-stage.ts';
import { useStage } from './stage.ts';

/** What npm may take to fetch hundreds of megabytes and unpack them; usually it is a minute. */
const INSTALLATION_MS = 240_000;
/** The installation, and then a task with a cold sandbox. */
const LIMIT_MS = 480_000;
/** Pages ask once a second, those behind another window more rarely. */
const NOTICED_MS = 60_000;
const ENDS = ['installed', 'failed'];
const MARY = { username: 'mary', password: 'password of mary' };

describeWith(['bubblewrap', 'chromium'], 'browser: the engine of coding tasks', () => {
  let git: Awaited<ReturnType<typeof startGitHttpServer>>;
  afterAll(() => git?.[Symbol.asyncDispose]());
  const stage = useStage(async () => {
    git = await startGitHttpServer();
    await git.createRepository('ada/sample.git');
    const env = { ...CODING_ENV, OUTBOUND_ALLOW: `127.0.0.1:${git.port}` };
    return { env: { ...e2eConfig.registryEnvironment, ...env } };
  });

  test('where it is missing a task fails at once, and the page says so before anyone starts', async () => {
    const admin = await stage.admin();
    await makeAgents(admin);
    const { taskId, executionIds } = await admin.api.tasks.create({
      clientMessageId: crypto.randomUUID(),
      team: { name: 'coder', namespace: 'default' },
      type: 'code',
      workspace: { gitUrl: `${git.url}/ada/sample.git` },
      message: 'Say hello',
    });
    // Before anything was started for it: there is neither a step nor a sandbox.
    const answer = await openTask(admin, taskId, executionIds[0] ?? '').answered(NOTICED_MS);
    expect(answer).toMatchObject({ status: 'failed', error: { reason: 'EngineNotInstalled' }, blocks: [] });
    const { managers } = await admin.api.executors.overview();
    expect(managers.flatMap(({ sandboxes }) => sandboxes)).toEqual([]);

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

  test('an administrator installs it with one click, sees how far it is, and then the task works', {
    timeout: LIMIT_MS,
  }, async () => {
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
    await Promise.all([
      bar.waitFor({ timeout: NOTICED_MS }),
      engine.getByRole('progressbar').waitFor({ timeout: NOTICED_MS }),
    ]);
    // How far it is is what npm has written; with all of it in npm's cache there is little to see.
    const admin = await stage.admin();
    const shown: number[] = [];
    const over = await waitFor(
      async () => {
        for (const value of await bar.evaluateAll((bars) => bars.map((one) => one.ariaValueNow))) {
          shown.push(Number(value));
        }
        const { engines } = await admin.api.executors.summary();
        return engines.find(({ name, state }) => name === 'claude-code' && ENDS.includes(state));
      },
      { what: 'the end of the installation', timeoutMs: INSTALLATION_MS },
    );
    expect(over).toMatchObject({ state: 'installed' });
    expect(shown.length).toBeGreaterThan(0);
    expect(shown).toEqual(shown.toSorted((one, other) => one - other));
    await notice.waitFor({ state: 'detached', timeout: NOTICED_MS });
    await engine.and(overview.page.locator('[data-state="installed"]')).waitFor({ timeout: NOTICED_MS });
    expect(await engine.textContent()).toMatch(/\d+\.\d+\.\d+/);

    await code.fillIn({ repository: `${git.url}/ada/sample.git`, agent: 'coder' });
    await code.send('[[tool Bash {"command":"cat README.md"}]]');
    await code.untilBegun();
    const answer = await code.untilSettled();
    expect(await answer.getAttribute('data-status')).toBe('completed');
    await answer.getByText('A repository for tests.').first().waitFor();
  });
});
