import { readFile } from 'node:fs/promises';
import { describeWith, type FakeDify, startFakeDify, waitFor } from '@wegent/testing';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { signIn } from '../support/person.ts';
import { keepScreenshot } from './screenshots.ts';
import { useStage } from './stage.ts';

const SECRET = 'Bearer only-for-this-test-4711';

describeWith(['chromium'], 'browser: the agent editor', () => {
  let dify: FakeDify;
  afterAll(() => dify?.[Symbol.asyncDispose]());
  const stage = useStage(async () => {
    dify = await startFakeDify({ mode: 'advanced-chat' });
    return { env: { SIMULATOR_PACE: '0', OUTBOUND_ALLOW: dify.host } };
  });

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

  test('holds an agent, whose conversations say in both languages that they wait', async () => {
    const { app } = await stage.person();
    const { page } = app;
    const { api } = await stage.admin();
    await api.resources.apply('default', [
      ghost('busy', {}),
      bot('busy'),
      team('busy', [{ botRef: { name: 'busy' } }]),
    ]);
    await app.goto('/agents/edit?ns=default&name=busy');
    await page.getByLabel('Turns at once').fill('0');
    await page.getByTestId('review').click();
    await save(page);
    await page.getByTestId('draft-state').getByText('Saved', { exact: true }).waitFor();

    await app.openNewChat('default/busy');
    await app.send('echo after the pause');
    const waiting = page.getByTestId('waiting');
    await waiting.getByText('Number 1 in line · The agent is on hold').waitFor();
    const chinese = await stage.person({ language: 'zh' });
    await chinese.app.openTask(await app.taskId());
    await chinese.app.page.getByTestId('waiting').getByText('排在第 1 位 · 智能体已暂停').waitFor();
    await keepScreenshot(page, 'waiting for a team');

    await app.goto('/agents/edit?ns=default&name=busy');
    await page.getByLabel('Turns at once').fill('');
    await page.getByTestId('review').click();
    await save(page);
    await page.getByTestId('draft-state').getByText('Saved', { exact: true }).waitFor();
    await chinese.app.untilSettled();
    await chinese.app.answers.getByText('after the pause').first().waitFor();
    expect(await chinese.app.page.getByTestId('waiting').count()).toBe(0);
    const { spec } = await api.resources.get({ plural: 'teams', namespace: 'default', name: 'busy' });
    expect(spec.limits).toBeUndefined();
  });

  test('shows the plan of a change with who else is concerned, and keeps secrets', async () => {
    const { app } = await stage.person();
    const { page } = app;
    const { api } = await stage.admin();
    await api.resources.apply('default', [
      ghost('shared', {
        mcpServers: { db: { type: 'http', url: 'http://127.0.0.1:9/', headers: { Authorization: SECRET } } },
      }),
      bot('shared'),
      team('first', [{ botRef: { name: 'shared' } }]),
      team('second', [{ botRef: { name: 'shared' } }]),
    ]);
    const bodies: Promise<string>[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/api/')) bodies.push(response.text().catch(() => ''));
    });
    await app.goto('/agents/edit?ns=default&name=first');
    await page.getByText('This bot is also used by Team default/second').waitFor();
    await page.getByLabel('System prompt').fill('Changed for both.');
    await choose(page, 'YAML');
    await page.locator('.cm-content').getByText('"********"').waitFor();

    await page.getByTestId('review').click();
    const step = page.getByTestId('plan-step');
    await step.getByText('Ghost shared').waitFor();
    expect(await step.count()).toBe(1);
    await step.getByText('Be brief.').waitFor();
    await step.getByText('Changed for both.').waitFor();
    await save(page);
    await page.getByTestId('draft-state').getByText('Saved', { exact: true }).waitFor();

    // A copy leaves the other agent alone.
    await choose(page, 'Form');
    await page.getByRole('button', { name: 'Use a copy' }).click();
    await page.getByLabel('System prompt').fill('Only for the first.');
    // The server has no secret for it, and nobody can read the old one.
    await page.getByTestId('problem-error').filter({ hasText: 'A secret is not copied' }).waitFor();
    await page.getByLabel(/^Headers/).fill('Authorization: Bearer new-for-this-test');
    await page.getByTestId('review').click();
    await page.getByTestId('plan').getByText('Bot shared-2').waitFor();
    await save(page);
    await page.getByTestId('draft-state').getByText('Saved', { exact: true }).waitFor();
    const answers = (await Promise.all(bodies)).join('\n');
    expect(answers).not.toContain(SECRET);
    expect(answers).not.toContain('new-for-this-test');
    const place = { plural: 'ghosts', namespace: 'default' };
    expect((await api.resources.get({ ...place, name: 'shared' })).spec.systemPrompt).toBe(
      'Changed for both.',
    );
    expect((await api.resources.get({ ...place, name: 'shared-2' })).spec.systemPrompt).toBe(
      'Only for the first.',
    );
  });

  test('says what is wrong where it is, and saves nothing of it', async () => {
    const { app } = await stage.person();
    const { page } = app;
    const { api } = await stage.admin();
    await app.goto('/agents/edit');
    await page.getByRole('button', { name: 'Use this: Leader with members' }).click();

    // Two leaders, written as YAML: on its line there, at the members in the form, and in the way of saving.
    await choose(page, 'YAML');
    await replaceInYaml(page, 'role: member', 'role: leader');
    await page
      .getByTestId('yaml-problems')
      .getByText(/Line \d+: Only one member can lead; 2 do\./)
      .waitFor();
    await page.getByTestId('review').click();
    await page.getByTestId('plan').getByText('Fix the errors first. Nothing has been saved.').waitFor();
    expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
    await page.getByTestId('plan').getByRole('button', { name: 'Show' }).first().click();
    await page.getByTestId('problem-error').filter({ hasText: 'Only one member can lead' }).waitFor();
    await page.getByRole('button', { name: 'Edit researcher' }).click();
    await page.getByRole('checkbox', { name: 'Leads the team' }).uncheck();
    await page.getByRole('button', { name: 'Edit lead' }).click();
    await page.getByTestId('draft-state').getByText('Unsaved changes').waitFor();

    // A Bot that does not exist.
    await choose(page, 'YAML');
    await replaceInYaml(page, 'name: panel-critic', 'name: nobody');
    await page
      .getByTestId('yaml-problems')
      .getByText(/Bot “nobody” does not exist/)
      .waitFor();
    await replaceInYaml(page, 'name: nobody', 'name: panel-critic');

    // Text that is no YAML keeps the other views as they were.
    await replaceInYaml(page, 'kind: Team', 'kind: [Team');
    await page
      .getByTestId('yaml-problems')
      .getByText(/Line \d+/)
      .first()
      .waitFor();
    await choose(page, 'Form');
    await page.getByText('The YAML has errors').waitFor();
    expect(await page.getByLabel('Display name').isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Discard the text' }).click();
    expect(await page.getByLabel('Display name').isEnabled()).toBe(true);

    // A Model that the runtime does not take is there, disabled, with the reason.
    await page.getByTestId('member').first().getByLabel('Runtime (Shell)').click();
    await option(page, 'Claude Code').click();
    await page.getByTestId('problem-error').filter({ hasText: 'Claude Code takes Anthropic' }).waitFor();
    await page.getByTestId('member').first().getByLabel('Model', { exact: true }).click();
    await option(page, 'Speaks OpenAI; this runtime takes Anthropic.').waitFor();
    await option(page, 'Demo model for Claude Code').click();
    await page.getByTestId('problem-error').waitFor({ state: 'detached' });

    const { items } = await api.resources.list('teams', { namespace: 'default' });
    expect(items.map(({ metadata }) => metadata.name)).not.toContain('panel');
  });

  test('members are put into order by hand and by keyboard; their parts are edited in place', async () => {
    const { app } = await stage.person();
    const { page } = app;
    const { api } = await stage.admin();
    await api.resources.apply('default', [
      document('Model', 'crew-mind', {
        modelConfig: { env: { model: 'openai', model_id: 'demo', base_url: 'simulator:', api_key: SECRET } },
      }),
      ...['one', 'two', 'three'].flatMap((name) => [ghost(name, {}), bot(name)]),
      team(
        'crew',
        ['one', 'two', 'three'].map((name) => ({ botRef: { name } })),
      ),
    ]);
    await api.resources.patch(
      { plural: 'bots', namespace: 'default', name: 'one' },
      { spec: { modelRef: { name: 'crew-mind' } } },
    );
    await app.goto('/agents/edit?ns=default&name=crew');
    const members = page.getByTestId('member');
    const order = async () =>
      (await members.allInnerTexts()).map((text) => /one|two|three/.exec(text)?.[0]).join(' ');
    await members.nth(2).waitFor();
    await page.getByRole('button', { name: 'Edit three' }).click();
    await page.getByTestId('drag-handle').first().hover();
    await page.mouse.down();
    // A browser tells where something is dragged to from the second movement on.
    const target = page.getByRole('button', { name: 'Close three' });
    await target.hover();
    await target.hover({ position: { x: 60, y: 20 } });
    await page.mouse.up();
    await waitFor(async () => (await order()) === 'two three one', { what: 'the dragged member at the end' });
    // Its form went along, and so does the keyboard.
    await page.getByRole('button', { name: 'Close three' }).click();
    await page.getByRole('button', { name: 'Move one up' }).focus();
    await page.keyboard.press('Enter');
    expect(await order()).toBe('two one three');
    await page.locator('[data-move="up"][aria-label="Move one up"]:focus').waitFor();

    await page.getByRole('button', { name: 'Edit one' }).click();
    await page.getByRole('button', { name: /Model · crew-mind/ }).click();
    const mind = page.getByTestId('own-model');
    await mind.getByLabel('Model ID').fill('');
    await mind.getByTestId('problem-error').filter({ hasText: 'Required' }).waitFor();
    await mind.getByLabel('Model ID').fill('demo-2');
    await mind.getByLabel(/^Other values/).fill('TEMPERATURE=0.2');
    await mind.getByLabel('Context window').fill('64000');
    await page.getByRole('button', { name: 'Change it for this bot alone' }).click();
    const shell = page.getByTestId('own-shell');
    await shell.getByLabel('One turn at most').fill('600');
    await shell.getByLabel('Engine').click();
    await option(page, 'Agno').click();
    await shell.getByLabel('Memory').fill('lots');
    await shell.getByTestId('problem-error').waitFor();
    await shell.getByLabel('Memory').fill('2Gi');

    await page.getByTestId('review').click();
    const plan = page.getByTestId('plan');
    for (const part of ['Shell one', 'Model crew-mind', 'Team crew']) await plan.getByText(part).waitFor();
    // Somebody is quicker between the look and the save: what is stored then, and what is not, is told.
    const place = { plural: 'teams', namespace: 'default', name: 'crew' };
    await api.resources.patch(place, { spec: { description: 'Theirs' } });
    await save(page);
    const partly = page.getByTestId('plan-partly');
    await partly.getByText(/^Saved: .*Model crew-mind.*/).waitFor();
    await partly.getByText('Not saved: Team crew').waitFor();
    expect(await page.getByTestId('plan-step').allInnerTexts()).toEqual([
      expect.stringContaining('Team crew'),
    ]);
    await page.getByRole('button', { name: 'Overwrite theirs' }).click();
    await partly.waitFor({ state: 'detached' });
    await save(page);
    await page.getByTestId('draft-state').getByText('Saved', { exact: true }).waitFor();
    expect((await api.resources.get(place)).spec.members).toEqual(
      ['two', 'one', 'three'].map((name) => ({ botRef: { name } })),
    );
    const stored = await api.resources.get({ plural: 'models', namespace: 'default', name: 'crew-mind' });
    expect(stored.spec).toMatchObject({
      modelConfig: { env: { model_id: 'demo-2', TEMPERATURE: '0.2', api_key: '********' } },
      capabilities: { contextWindow: 64_000 },
    });
    const own = await api.resources.get({ plural: 'shells', namespace: 'default', name: 'one' });
    expect(own.spec).toMatchObject({
      shellType: 'Agno',
      resources: { memory: '2Gi' },
      timeouts: { turnSeconds: 600 },
    });
  });

  test('a bot of Dify says which application it talks to', async () => {
    const { app } = await stage.person();
    const { page } = app;
    const { api } = await stage.admin();
    await app.goto('/agents/edit');
    await page.getByRole('button', { name: 'Use this: Chat agent' }).click();
    const member = page.getByTestId('member').first();
    await member.getByLabel('Runtime (Shell)').click();
    await option(page, 'Dify').click();
    await page.getByTestId('problem-error').filter({ hasText: 'Dify takes Dify' }).waitFor();
    await member.getByLabel('Dify application', { exact: true }).click();
    await option(page, 'Speaks OpenAI; this runtime takes Dify.').waitFor();
    await page.keyboard.press('Escape');
    await member.getByRole('button', { name: 'Connect an application' }).click();
    const form = page.getByTestId('own-model');
    await form.getByLabel('API address').fill(dify.origin);
    await form.getByTestId('problem-error').filter({ hasText: 'Required' }).waitFor();
    await form.getByLabel('API key of the application').fill('app-of-somebody-else');
    await form.getByRole('button', { name: 'Ask the server' }).click();
    await form.getByText('The test failed').waitFor();
    await form.getByLabel('API key of the application').fill(dify.key);
    await form.getByRole('button', { name: 'Ask the server' }).click();
    await form.getByText(`Talks to “Fake” on ${dify.host}`).waitFor();
    await form.getByText('Chatflow').waitFor();
    await form.getByLabel('Inputs', { exact: true }).fill('{"city":');
    await form.getByTestId('problem-error').filter({ hasText: 'Write a JSON object' }).waitFor();
    await form.getByLabel('Inputs', { exact: true }).fill('{"city":"Bonn"}');
    await page.getByTestId('review').click();
    await save(page);
    await page.waitForURL(/name=helper/);
    const bot = await api.resources.get({ plural: 'bots', namespace: 'default', name: 'helper' });
    expect(bot.spec).toMatchObject({ shellRef: { name: 'Dify' }, modelRef: { name: 'helper' } });

    // The key is not read back, and the application is known when the form is opened again.
    await app.goto('/agents/edit?ns=default&name=helper');
    await form.getByText(`Talks to “Fake” on ${dify.host}`).waitFor();
    expect(await page.content()).not.toContain(dify.key);
  });

  test('somebody else’s change is not overwritten unseen', async () => {
    const { app } = await stage.person();
    const { page } = app;
    const { api } = await stage.admin();
    await api.resources.apply('default', [
      ghost('raced', {}),
      bot('raced'),
      team('raced', [{ botRef: { name: 'raced' } }]),
    ]);
    await app.goto('/agents/edit?ns=default&name=raced');
    await page.getByLabel('Description', { exact: true }).fill('Mine');
    const place = { plural: 'teams', namespace: 'default', name: 'raced' };
    await api.resources.patch(place, { spec: { description: 'Theirs' } });

    await page.getByTestId('review').click();
    await page.getByText('Somebody else changed Team raced meanwhile').waitFor();
    await page.getByRole('button', { name: 'Overwrite theirs' }).click();
    const step = page.getByTestId('plan-step');
    await step.getByText('Theirs').waitFor();
    await step.getByText('Mine').waitFor();
    await save(page);
    await page.getByTestId('draft-state').getByText('Saved', { exact: true }).waitFor();
    expect((await api.resources.get(place)).spec.description).toBe('Mine');

    // Leaving with changes asks first, and they are there when one comes back.
    await page.getByLabel('Description', { exact: true }).fill('Not saved yet');
    await page.getByTestId('draft-state').getByText('Unsaved changes').waitFor();
    await page.getByRole('link', { name: 'All agents' }).click();
    const question = page.getByRole('dialog').filter({ hasText: 'Leave without saving?' });
    await question.getByRole('button', { name: 'Stay' }).click();
    await page.getByRole('link', { name: 'All agents' }).click();
    await question.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { name: 'Agents', exact: true }).waitFor();
    await app.goto('/agents/edit?ns=default&name=raced');
    await page.getByText('Your unsaved changes were restored.').waitFor();
    expect(await page.getByLabel('Description', { exact: true }).inputValue()).toBe('Not saved yet');
    await page.getByRole('button', { name: 'Discard changes' }).click();
    expect(await page.getByLabel('Description', { exact: true }).inputValue()).toBe('Mine');
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

/** A line of an open drop-down list. */
function option(page: Page, text: string) {
  return page.locator('.ant-select-item-option').filter({ hasText: text, visible: true }).first();
}

function ghost(name: string, spec: object) {
  return document('Ghost', name, { systemPrompt: 'Be brief.', ...spec });
}

function bot(name: string) {
  return document('Bot', name, {
    ghostRef: { name },
    shellRef: { name: 'Chat' },
    modelRef: { name: 'demo' },
  });
}

function team(name: string, members: object[]) {
  return document('Team', name, { members });
}

function document(kind: string, name: string, spec: object) {
  return { apiVersion: 'agent.wecode.io/v1', kind, metadata: { name }, spec };
}
