import { describeWith, waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import { GIT_CREDENTIAL, makeAgents } from '../support/coding.ts';
import { type CodePage, createCodePage, textOf } from './code-page.ts';
import { useCodingStage } from './coding-stage.ts';
import type { Visitor } from './visitor.ts';

/** A connection that is cut on purpose is reported by the browser. */
const CUT = /WebSocket|ERR_|Failed to fetch|Failed to load resource/;
/** Before there is a work tree, it cannot be asked about; the browser reports that. */
const NOT_YET = /status of (404|409|503)/;

const write = (name: string, content: string) =>
  `[[tool Write ${JSON.stringify({ file_path: `/workspace/sample/${name}`, content })}]]`;
const bash = (command: string) => `[[tool Bash ${JSON.stringify({ command })}]]`;

describeWith(['claude-code', 'bubblewrap', 'chromium'], 'browser: a coding task', () => {
  const stage = useCodingStage();
  let taskId: string;

  async function coder(options: { task?: boolean } = {}): Promise<Visitor & { code: CodePage }> {
    const visitor = await stage.person();
    visitor.tolerate(NOT_YET);
    const code = createCodePage(visitor.app);
    if (options.task ?? true) await code.openCode(taskId);
    return { ...visitor, code };
  }

  test('a git host is connected; a wrong password is told where it is noticed', async () => {
    await makeAgents(await stage.admin());
    const { code, tolerate } = await coder({ task: false });
    const { page } = code;
    tolerate(/status of 4\d\d/);
    await code.goto('/settings/git');
    await page.getByRole('main').getByRole('button', { name: 'Connect git host' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Type' }).click();
    await page.locator('.ant-select-dropdown:visible').getByTitle('Git', { exact: true }).click();
    await dialog.getByLabel('Host', { exact: true }).fill('no host of any kind');
    await dialog.getByLabel('User name').fill(GIT_CREDENTIAL.username);
    await dialog.getByLabel('Password or token').fill('not-the-password');
    const connect = dialog.getByRole('button', { name: 'Connect', exact: true });
    await connect.click();
    const hostField = dialog.locator('.ant-form-item').filter({ hasText: 'Host' }).first();
    await hostField.locator('.ant-form-item-explain-error').waitFor();
    // A pasted address is understood.
    await dialog.getByLabel('Host', { exact: true }).fill(`${stage.git().url}/ada/sample`);
    await connect.click();
    await dialog.waitFor({ state: 'hidden' });
    const row = page.getByTestId('git-host').filter({ hasText: `127.0.0.1:${stage.git().port}` });
    await row.getByText('as ada').waitFor();

    await code.openNewCode();
    await code.choose('repository', stage.repository().url);
    await page
      .getByRole('alert')
      .filter({ hasText: 'The branches could not be read' })
      .getByRole('link')
      .click();
    await row.getByRole('button', { name: /^Edit/ }).click();
    await dialog.getByLabel('Password or token').fill(GIT_CREDENTIAL.password);
    await connect.click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.content()).not.toContain(GIT_CREDENTIAL.password);
  });

  test('it starts from a repository, a branch and an agent, tells what will happen, and asks', async () => {
    const { code } = await coder({ task: false });
    const { page } = code;
    await code.openNewCode();
    await code.send('too early');
    await page.getByRole('alert').filter({ hasText: 'Choose a repository first' }).waitFor();
    await code.fillIn({ repository: stage.repository().url, branch: 'release', agent: 'careful' });
    const what = page.getByTestId('what-happens');
    expect(await what.textContent()).toMatch(/A sandbox on local.*CPU.*GB.*network/s);
    const seen = watchActivity(code);
    await code.send(
      [
        '[[say On it.]]',
        write('hello.txt', 'hello\n'),
        bash('echo first'),
        bash('echo second'),
        bash('echo third'),
        bash('echo fourth one'),
        bash('echo fourth two'),
        '[[say All done.]]',
      ].join(' '),
    );
    taskId = await code.taskId();
    await code.untilAsked('echo first');
    expect(await seen()).toMatch(/Cloning|Receiving|git host prepares/);
    const edit = await code.step('hello.txt');
    await edit.getByText('hello', { exact: true }).waitFor();

    // Who is elsewhere sees that somebody is waited for, and with what.
    await page.getByRole('link', { name: 'New chat' }).click();
    const item = code.taskItems.filter({ hasText: 'echo first' });
    await item.and(page.locator('[data-phase="WaitingForInput"]')).waitFor();
    await page.getByRole('heading', { name: 'Needs you' }).waitFor();
    await item.getByRole('link').click();
    await code.untilAsked();
  });

  test('every way to decide: rejected, once, edited, and always for a pattern', async () => {
    const { code, newTab } = await coder();
    const second = createCodePage(await newTab());
    await second.openCode(taskId);
    const { page } = code;
    await second.untilAsked();
    // A tab behind another is drawn once a second.
    await page.bringToFront();
    await page.reload();
    await code.untilAsked();

    await page.keyboard.press('Alt+r');
    await page.getByTestId('reject-reason').fill('Say it louder, please.');
    await page.getByTestId('reject-confirm').click();
    await code.untilAsked('echo second');
    await code.answers.last().getByText('Say it louder, please.').first().waitFor();
    await code.unfolded(code.decided.filter({ hasText: 'Rejected' }).first());

    // The other tab is as far, and may decide as well.
    await second.untilAsked('echo second');
    await second.page.bringToFront();
    await second.page.keyboard.press('Alt+a');
    await page.bringToFront();
    await code.untilAsked('echo third');

    await code.approval.getByTestId('approve-edited').click();
    await page.getByTestId('edit-input').fill('echo instead of the third');
    await page.getByTestId('edit-confirm').click();
    await code.untilAsked('echo fourth one');
    await (await code.step('echo third')).locator('pre').getByText('instead of the third').waitFor();

    await code.approval.getByTestId('approve-always').click();
    expect(await page.getByTestId('pattern').inputValue()).toBe('echo fourth one');
    await page.getByTestId('pattern').fill('echo fourth *');
    await page.getByTestId('always-confirm').click();
    for (const tab of [code, second]) {
      await tab.page.bringToFront();
      const answer = await tab.untilSettled();
      await answer.getByText('All done.').waitFor();
      expect(await tab.approval.count()).toBe(0);
      expect(await tab.turnFiles.last().textContent()).toMatch(/1 file changed.*hello\.txt/s);
    }
    await page.bringToFront();
    const last = await code.step('echo fourth two');
    await last.locator('pre').getByText('fourth two').waitFor();
    expect(await code.taskItems.first().getAttribute('data-phase')).toBe('Completed');
  });

  test('changes are shown in one column and in two; comments on lines go out as one message', async () => {
    const { code } = await coder();
    const { page } = code;
    await code.send(
      `[[tool Read {"file_path":"/workspace/sample/src/index.js"}]] [[tool Edit {"file_path":"/workspace/sample/src/index.js","old_string":"answer = 41","new_string":"answer = 42"}]] [[say Mended.]]`,
    );
    await code.step('Edit src/index.js');
    await code.untilSettled();
    const panel = await code.openPanel('changes');
    await panel.getByTestId('change-tree').getByText('index.js').waitFor();
    expect(await panel.getByTestId('change-tree').getByRole('button').allTextContents()).toEqual([
      expect.stringContaining('index.js'),
      expect.stringContaining('hello.txt'),
    ]);
    const table = code.diffOf('src/index.js').getByRole('table');
    await table.getByText('export const answer = 42;').waitFor();
    const columns = () => table.locator('tbody tr').first().locator('td').count();
    const unified = await table.locator('tr').count();
    await panel.getByRole('button', { name: 'Side by side' }).click();
    await waitFor(async () => (await table.locator('tr').count()) < unified, { what: 'two columns' });
    expect(await columns()).toBe(4);
    await panel.getByRole('button', { name: 'Side by side' }).click();
    await waitFor(async () => (await table.locator('tr').count()) === unified, { what: 'one column' });

    // By mouse, then by keyboard alone.
    await code.gutter('src/index.js', 3).click();
    await page.getByTestId('comment-box').fill('Greet in Latin.');
    await page.getByTestId('comment-save').click();
    await code.reviewChip.getByText('1 comment').waitFor();
    const hello = code.diffOf('hello.txt').getByRole('table');
    await hello.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Say it twice.');
    await page.keyboard.press('Control+Enter');
    await code.reviewChip.getByText('2 comments').waitFor();
    await page.reload();
    await code.reviewChip.getByText('2 comments').waitFor();

    await code.send('echo what you were told');
    await code.reviewChip.waitFor({ state: 'detached' });
    const said = code.questions.last();
    await said.getByText('Comments on the changes:').waitFor();
    expect((await textOf(said)).replaceAll(/\s+/g, ' ')).toMatch(
      /hello\.txt:1.*Say it twice\..*src\/index\.js:3.*export function greet.*Greet in Latin\./,
    );
    const answer = await code.untilSettled();
    await answer.getByText('Greet in Latin.').waitFor();
    await code.send('what did I say first?');
    await (await code.settledAnswer(3)).getByText('On it.').first().waitFor();
  });

  test('a running command is steered past, seen from the terminal, and stopped', async () => {
    const { code } = await coder();
    const { page } = code;
    const untilFile = (file: string) =>
      bash(`echo fourth x; until [ -f /tmp/${file} ]; do sleep 0.1; done; echo ${file} came`);
    await code.send(untilFile('go'));
    await code.answers
      .last()
      .getByTestId('activity')
      .filter({ hasText: 'echo fourth' })
      .waitFor({ timeout: 30_000 });
    await code.composer.fill('echo heard you');
    await page.getByTestId('steer').click();
    await code.questions.last().getByText('echo heard you').waitFor();

    await code.openPanel('terminal');
    await code.terminal.and(page.locator('[data-status="open"]')).waitFor({ timeout: 30_000 });
    const screen = code.terminal.locator('.xterm-screen');
    await screen.click();
    await page.keyboard.type('cat /workspace/sample/hello.txt; touch /tmp/go; stty size\n');
    const rows = code.terminal.locator('.xterm-rows');
    await rows.getByText('hello', { exact: true }).waitFor();
    const answer = await code.untilSettled();
    await answer.getByText('heard you').first().waitFor();

    const size = async () => [...((await textOf(rows)).match(/^\d+ \d+\s*$/gm) ?? [])].at(-1)?.trim();
    const before = await waitFor(size, { what: 'the size of the terminal' });
    const edge = page.getByRole('separator', { name: 'Width of the panel' });
    await edge.focus();
    for (let times = 0; times < 5; times += 1) await page.keyboard.press('ArrowRight');
    await screen.click();
    const after = async () => {
      await page.keyboard.type('stty size\n');
      const now = await size();
      return now !== undefined && now !== before ? now : undefined;
    };
    const [, columns = 0] = (await waitFor(after, { what: 'a narrower terminal' })).split(' ').map(Number);
    expect(columns).toBeLessThan(Number(before.split(' ')[1]));

    await code.send(untilFile('never'));
    await code.answers
      .last()
      .getByTestId('activity')
      .filter({ hasText: 'echo fourth' })
      .waitFor({ timeout: 30_000 });
    await code.stopButton.click();
    const stopped = await code.untilSettled();
    await stopped.getByText('Stopped').first().waitFor();
    await page.getByRole('button', { name: 'Close panel' }).click();
  });

  test('a turn is taken back; files, log and details tell how it is', async () => {
    const { code } = await coder();
    const { page } = code;
    await code.send(`${write('src/wrong.js', 'wrong\n')} [[say Oh no.]]`);
    await code.step('wrong.js');
    const answer = await code.untilSettled();
    const card = answer.getByTestId('turn-files');
    await card.getByTestId('show-turn').click();
    await code.diffOf('src/wrong.js').getByText('wrong', { exact: true }).waitFor();
    expect(await code.fileDiffs.count()).toBe(1);
    await card.getByTestId('revert-turn').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revert this turn' }).click();
    await page.getByText('1 file was put back').waitFor();

    const files = await code.openPanel('files');
    await files.getByRole('button', { name: 'src' }).click();
    await files.getByRole('button', { name: 'index.js' }).click();
    await files.getByTestId('file-text').getByText('export const answer = 42;').waitFor();
    expect(await textOf(files.getByTestId('file-tree'))).not.toContain('wrong.js');

    const log = await code.openPanel('logs');
    await log.getByTestId('logs').getByText(`Cloning ${stage.repository().url}`).waitFor();
    await log.getByText(/is checked out, from release/).waitFor();
    expect(await textOf(log)).not.toContain(GIT_CREDENTIAL.password);
    await log.getByRole('textbox').fill('checked out');
    await waitFor(async () => (await log.getByTestId('logs').locator('p').count()) === 1, {
      what: 'one line that matches',
    });

    const details = (await code.openPanel('details')).getByTestId('details');
    await details.getByText(stage.repository().url).waitFor();
    expect((await textOf(details)).replaceAll(/\s+/g, ' ')).toMatch(
      /Started from release.*Not committed 2 files.*not there yet.*local/s,
    );
  });

  test('it goes on when the connection is lost, and asks questions', async () => {
    const { code, context, tolerate } = await coder();
    const { page } = code;
    tolerate(CUT);
    const question = {
      question: 'Which colour?',
      header: 'Colour',
      multiSelect: false,
      options: [
        { label: 'Red', description: 'like a rose' },
        { label: 'Blue', description: 'like the sky' },
      ],
    };
    await code.send(
      `${bash('echo offline')} [[tool AskUserQuestion ${JSON.stringify({ questions: [question] })}]]`,
    );
    await code.untilAsked();
    await context.setOffline(true);
    await code.reconnecting.waitFor({ timeout: 60_000 });
    await context.setOffline(false);
    await code.reconnecting.waitFor({ state: 'hidden', timeout: 60_000 });
    await code.approveOnce.click();
    const card = page.getByTestId('question');
    await card.getByRole('radio', { name: 'Blue' }).check({ timeout: 30_000 });
    await card.getByTestId('answer').click();
    const answer = await code.untilSettled();
    await answer.getByText('Blue').first().waitFor();
  });

  test('the work is committed and pushed in the name of the person', async () => {
    const { code } = await coder();
    const { page } = code;
    const { user } = await stage.admin();
    const author = user.displayName ?? user.username;
    await code.finish.filter({ hasText: 'Commit' }).click();
    await page.getByTestId('commit-message').fill('Say hello\n\nAnd mend the answer.');
    await page.getByRole('dialog').getByRole('button', { name: 'Commit' }).click();
    await code.finish.filter({ hasText: 'Push' }).click();
    await code.finish.waitFor({ state: 'detached' });
    const repository = stage.repository();
    const branches = (await repository.git('branch', '--format=%(refname:short)')).split('\n');
    const branch = branches.find((name) => name.startsWith('wegent/')) ?? '';
    expect(await repository.git('log', '-1', '--format=%an|%cn|%s|%P', branch)).toBe(
      `${author}|${author}|Say hello|${await repository.git('rev-parse', 'release')}`,
    );
    expect(await repository.git('show', `${branch}:src/index.js`)).toContain('answer = 42');
    expect(await repository.git('show', `${branch}:hello.txt`)).toBe('hello');
    expect(await repository.git('ls-tree', '-r', '--name-only', branch)).not.toContain('wrong');
  });

  test('a plan comes first where one is wanted, and nothing is changed before it is approved', async () => {
    const { code } = await coder({ task: false });
    const { page } = code;
    await code.openNewCode();
    await code.fillIn({ repository: 'sample', agent: 'coder' });
    await page.getByTestId('plan-first').click();
    await code.send(
      `[[tool ExitPlanMode {"plan":"# The plan\\n\\n1. Write it"}]] ${write('planned.txt', 'planned\n')} [[say Built.]]`,
    );
    const approval = await code.untilAsked();
    await approval.getByText('The agent has made a plan').waitFor();
    await page.keyboard.press('Alt+a');
    const answer = await code.untilSettled();
    await answer.getByText('Built.').waitFor();
    await answer.getByTestId('turn-files').getByText('planned.txt').waitFor();
  });
});

/** Collects what the activity line says from now on, however short. */
function watchActivity({ page }: CodePage): () => Promise<string> {
  const begun = page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { seenActivities: seen });
    new MutationObserver(() => {
      for (const line of document.querySelectorAll('[data-testid=activity]'))
        if (seen.at(-1) !== line.textContent) seen.push(line.textContent ?? '');
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return async () => {
    await begun;
    return page.evaluate(() => JSON.stringify(Reflect.get(window, 'seenActivities')));
  };
}
