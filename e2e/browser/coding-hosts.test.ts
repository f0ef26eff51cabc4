import {
  type BareRepository,
  describeWith,
  enginesFolder,
  type FakeGitHost,
  type FakeRepository,
  type GitHttpServer,
  startFakeGitHost,
  startGitHttpServer,
  waitFor,
} from '@wegent/testing';
import { afterAll, expect, test } from 'vitest';
import { makeAgents } from '../support/coding.ts';
import { type CodePage, createCodePage } from './code-page.ts';
import { CODING_ENV } from './coding-stage.ts';
import { useStage } from './stage.ts';

const TOKEN = 'ghp-of-ada-4711';

describeWith(['claude-code', 'bubblewrap', 'chromium'], 'browser: pull requests', () => {
  let git: GitHttpServer;
  let host: FakeGitHost;
  let bare: BareRepository;
  let repository: FakeRepository;
  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await git?.[Symbol.asyncDispose]();
  });
  const stage = useStage(async () => {
    git = await startGitHttpServer();
    host = await startFakeGitHost({ type: 'github', git });
    host.addToken(TOKEN, 'ada');
    bare = await git.createRepository('ada/website.git');
    repository = host.addRepository('ada/website', { bare });
    const engines = enginesFolder();
    if (engines === undefined) throw new Error('Claude Code is not installed for tests');
    return { enginesFolder: engines, env: { ...CODING_ENV, OUTBOUND_ALLOW: host.domain } };
  });

  test('the host is connected by its token, and a wrong one is refused at the field', async () => {
    await makeAgents(await stage.admin());
    const { app, tolerate } = await stage.person();
    tolerate(/status of 422/);
    const { page } = app;
    await app.goto('/settings/git');
    await page.getByRole('main').getByRole('button', { name: 'Connect git host' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Host', { exact: true }).fill(host.domain);
    await dialog.getByLabel('Access token').fill('ghp-of-nobody');
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
    const field = dialog.locator('.ant-form-item').filter({ has: page.getByLabel('Access token') });
    await field.locator('.ant-form-item-explain-error').filter({ hasText: 'Bad credentials' }).waitFor();
    await dialog.getByLabel('Access token').fill(TOKEN);
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByTestId('git-host').getByText('as ada').waitFor();
    expect(await page.content()).not.toContain(TOKEN);
  });

  test('a pull request is made, brought up to date and viewed by the button, which follows the remote', async () => {
    const { app, tolerate } = await stage.person();
    tolerate(/status of (404|409|503)/);
    const code = createCodePage(app);
    const { page } = code;
    // The repository is found by its name among those of the host.
    await code.begin({
      repository: 'website',
      branch: 'main',
      agent: 'coder',
      message: `${write('index.html', '<h1>Hello</h1>\n')} [[say The **page** is there.]]`,
    });
    await code.untilBegun();
    await code.untilSettled();
    await commit(code, 'Add the page');
    await code.finish.filter({ hasText: 'Push' }).click();
    const create = code.finish.filter({ hasText: 'Create pull request' });
    await create.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByTestId('pull-request-title').fill('');
    await dialog.getByRole('button', { name: 'Create pull request' }).click();
    await dialog.locator('.ant-form-item-explain-error').waitFor();
    await dialog.getByTestId('pull-request-title').fill('A page for everybody');
    expect(await dialog.getByLabel('Description').inputValue()).toBe('The **page** is there.');
    expect(await dialog.getByLabel('Into branch').inputValue()).toBe('main');
    await dialog.getByRole('button', { name: 'Create pull request' }).click();
    await code.finish.filter({ hasText: 'View #1' }).waitFor();
    const [pull] = repository.pullRequests;
    expect(pull).toMatchObject({
      title: 'A page for everybody',
      targetBranch: 'main',
      state: 'open',
      author: 'ada',
    });
    const branch = pull?.sourceBranch ?? '';
    expect(await bare.git('show', `${branch}:index.html`)).toBe('<h1>Hello</h1>');
    expect(await code.finish.getAttribute('href')).toBe(`${host.origin}/ada/website/pull/1`);

    // Further work makes it commit and push again; then the checks of what was pushed are shown.
    await code.send(`${write('style.css', 'h1 {}\n')} [[say Pretty.]]`);
    await code.settledAnswer(1);
    await commit(code, 'Make it pretty');
    await code.finish.filter({ hasText: 'Push' }).click();
    await code.finish.filter({ hasText: 'View #1' }).waitFor();
    expect(repository.pullRequests).toHaveLength(1);
    const head = await bare.git('rev-parse', branch);
    repository.checks.set(head, [
      { name: 'build', state: 'success' },
      { name: 'lint', state: 'failure' },
    ]);
    await lookAgain(code);
    await code.finish.getByLabel('Checks failed').waitFor();
    const details = (await code.openPanel('details')).getByTestId('details');
    await details.getByText('1 passed, 1 failed, 0 running').waitFor();
    await details.getByText('A page for everybody').waitFor();

    // Somebody mends it elsewhere, and somebody merges it.
    const foreign = await bare.commit({ branch, files: { 'lint.txt': 'clean\n' } });
    repository.checks.set(foreign, [{ name: 'build', state: 'success' }]);
    await lookAgain(code);
    await details.getByText(foreign.slice(0, 8)).waitFor();
    await code.finish.getByLabel('Checks passed').waitFor();
    if (pull) pull.state = 'merged';
    await lookAgain(code);
    await waitFor(async () => (await details.textContent())?.includes('Merged'), { what: 'the merge' });
  });

  async function commit(code: CodePage, message: string): Promise<void> {
    const button = code.finish.filter({ hasText: 'Commit' });
    await button.click();
    await code.page.getByTestId('commit-message').fill(message);
    await code.page.getByRole('dialog').getByRole('button', { name: 'Commit' }).click();
    await code.page.getByRole('dialog').waitFor({ state: 'hidden' });
  }
});

const write = (name: string, content: string) =>
  `[[tool Write ${JSON.stringify({ file_path: `/workspace/website/${name}`, content })}]]`;

/** What a person does who wants to know how it stands. */
async function lookAgain({ page, answers }: CodePage): Promise<void> {
  await page.reload();
  await answers.first().waitFor();
}
