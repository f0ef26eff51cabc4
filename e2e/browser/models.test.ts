import { createSimulator, type FaultRequest, type RunningSimulator } from '@wegent/simulator';
import { describeWith } from '@wegent/testing';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { AppPage } from './app-page.ts';
import { useStage } from './stage.ts';

const KEY = 'sk-only-for-this-test-4711';

/** What a provider is like that speaks a protocol; `path` is what people add to its address. */
const PROVIDERS = [
  { preset: 'OpenAI-compatible', protocol: 'openai-chat', path: '/v1', name: 'House model' },
  { preset: 'Anthropic-compatible', protocol: 'anthropic', path: '', name: 'Guest model' },
] as const;

describeWith(['chromium'], 'browser: models', () => {
  const stage = useStage();

  test.each(PROVIDERS)('adds, tests, uses and edits one of a server that is $preset', async (provider) => {
    await using server = await startProvider();
    const { app, tolerate } = await stage.person();
    const { page } = app;
    await app.goto('/library/models');

    await page.getByRole('button', { name: 'Add model' }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('button', { name: new RegExp(`^\\S*\\s*${provider.preset}`) }).click();
    await drawer.getByLabel('Model ID').fill('simulator');
    await drawer.getByLabel('Base URL').fill(`${server.url}${provider.path}`);
    await drawer.getByLabel('Display name').fill(provider.name);

    // A wrong key is told by the provider, in the words of this page.
    await drawer.getByLabel('API key').fill('bad-key');
    await drawer.getByRole('button', { name: 'Test', exact: true }).click();
    await drawer.getByText('The test failed').waitFor();
    await drawer.getByText('ModelAuth').waitFor();

    await drawer.getByLabel('API key').fill(KEY);
    await drawer.getByText('Changed since the last test.').waitFor();
    await drawer.getByRole('button', { name: 'Test again' }).click();
    await drawer.getByText(/The model answered in \d+ ms/).waitFor();
    expect(server.requests.at(-1)?.protocol).toBe(provider.protocol);
    await drawer.getByRole('button', { name: 'Save model' }).click();
    await drawer.waitFor({ state: 'hidden' });
    // The test of what was saved is worth as much as one of the saved model.
    const row = page.getByRole('listitem').filter({ hasText: provider.name });
    await row
      .getByText(/Reachable/)
      .filter({ visible: true })
      .waitFor();

    await expectAnswerFrom(app, provider.name, server);

    // The key is not shown back, and an edit that leaves it alone keeps it.
    const bodies: Promise<string>[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/models')) bodies.push(response.text().catch(() => ''));
    });
    await app.goto('/library/models');
    await page.getByRole('button', { name: `Actions for ${provider.name}` }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await drawer.getByLabel('Display name').fill(`${provider.name} renamed`);
    const shown = await drawer.getByLabel('API key').inputValue();
    expect(shown).not.toContain(KEY);
    await drawer.getByRole('button', { name: 'Test', exact: true }).click();
    await drawer.getByText(/The model answered in \d+ ms/).waitFor();
    await drawer.getByRole('button', { name: 'Save model' }).click();
    await drawer.waitFor({ state: 'hidden' });
    await page.getByText(`${provider.name} renamed`, { exact: true }).first().waitFor();
    expect(await page.content()).not.toContain(KEY);
    expect((await Promise.all(bodies)).join('\n')).not.toContain(KEY);

    const before = server.requests.length;
    await expectAnswerFrom(app, `${provider.name} renamed`, server);
    for (const request of server.requests.slice(before)) expect(keyOf(request)).toBe(KEY);

    await app.goto('/library/models');
    await deleteModel(page, `${provider.name} renamed`);
    tolerate(/status of 409/);
  });
});

/** A model server of the test's own that keeps what it was asked. */
async function startProvider(): Promise<RunningSimulator & { requests: FaultRequest[] }> {
  const requests: FaultRequest[] = [];
  const simulator = createSimulator({
    pace: 200,
    faults: (request) => {
      requests.push(request);
      return undefined;
    },
  });
  return Object.assign(await simulator.listen(), { requests });
}

async function expectAnswerFrom(
  app: AppPage,
  model: string,
  server: { requests: FaultRequest[] },
): Promise<void> {
  const before = server.requests.length;
  await app.openNewChat('public/assistant');
  await app.page.getByTestId('model-picker').click();
  await app.page.getByRole('menuitem', { name: model, exact: true }).click();
  const answer = await app.ask('echo this comes from the other server');
  expect(await app.prose(answer).textContent()).toBe('this comes from the other server');
  expect(server.requests.slice(before).map(({ prompt }) => prompt)).toContain(
    'echo this comes from the other server',
  );
}

function keyOf({ headers }: FaultRequest): string | undefined {
  const own = headers['x-api-key'];
  return typeof own === 'string' ? own : headers.authorization?.replace(/^Bearer /, '');
}

async function deleteModel(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  const anyway = page.getByRole('dialog').getByRole('button', { name: 'Delete anyway' });
  const row = page.getByRole('listitem').filter({ hasText: name });
  await anyway
    .or(page.getByText(`Model ${name} deleted`))
    .first()
    .waitFor();
  if (await anyway.isVisible()) await anyway.click();
  await row.waitFor({ state: 'detached' });
}
