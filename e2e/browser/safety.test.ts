import { describeWith } from '@wegent/testing';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { useStage } from './stage.ts';

const RUN = 'window.wasHere=true';
/** What people and models may write, and no browser may run. */
const ATTACKS = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload="${RUN}"></svg>`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<a href="javascript:${RUN}">click me</a>`,
  `[click me](javascript:${RUN})`,
  `[click me](data:text/html,<script>${RUN}</script>)`,
  `![picture](javascript:${RUN})`,
  `\`\`\`html\n<script>${RUN}</script>\n\`\`\``,
  `\`\`\`mermaid\nflowchart LR\n  A["<img src=x onerror='${RUN}'>"] --> B\n  click A "javascript:${RUN}"\n\`\`\``,
  `$\\href{javascript:${RUN}}{x}$`,
].join('\n\n');
/** One white pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==',
  'base64',
);
const NAME = `<img src=x onerror="${RUN}">`;

describeWith(['chromium'], 'browser: what others wrote runs nothing', () => {
  const stage = useStage();

  // The policy of the server is the second line of defence: the first one has to hold alone.
  test.each([
    { bypassCSP: false, name: 'guarded' },
    { bypassCSP: true, name: 'unguarded' },
  ])(
    'neither in messages, nor in titles, nor in names of files and agents: a page that is $name',
    async ({ bypassCSP, name }) => {
      const { api } = await stage.admin();
      await api.resources.create({
        plural: 'teams',
        namespace: 'default',
        object: {
          apiVersion: 'agent.wecode.io/v1',
          kind: 'Team',
          metadata: {
            name: `attacker-${name}`,
            namespace: 'default',
            annotations: { 'agent.wecode.io/display-name': NAME },
          },
          spec: {
            description: NAME,
            icon: NAME,
            collaborationModel: 'solo',
            quickPrompts: [NAME],
            members: [
              { name: 'assistant', role: 'leader', botRef: { name: 'assistant', namespace: 'public' } },
            ],
          },
        },
      });
      const { app, tolerate } = await stage.person({ bypassCSP });
      // The sanitiser of diagrams parses labels in a document that runs nothing; the browser reports them all the same.
      tolerate(/Executing inline event handler violates/);
      const { page } = app;
      await app.openNewChat(`default/attacker-${name}`);
      await page.getByText(NAME).first().waitFor();
      await app.fileInput.setInputFiles([
        { name: `${NAME}.txt`, mimeType: 'text/plain', buffer: Buffer.from('nothing') },
      ]);
      await app.uploads.and(page.locator('[data-status="done"]')).waitFor();
      await app.send(`[[say ${ATTACKS}]]`);
      const answer = await app.settledAnswer(0);
      await app.prose(answer).getByText('click me').first().waitFor();
      // What is drawn later is drawn before anybody judges.
      await answer
        .locator('figure img')
        .or(answer.getByText('This diagram cannot be drawn'))
        .first()
        .waitFor();
      await expectNothingRan(page);
      for (const link of await page.getByRole('link', { name: 'click me' }).all()) {
        expect(await link.getAttribute('href')).toMatch(/^https?:|^mailto:/);
      }
      expect(
        await page.locator('iframe, object, embed, [onerror], [onload], [href^="javascript:"]').count(),
      ).toBe(0);

      await page.getByTestId('conversation-actions').click();
      await page.getByRole('menuitem', { name: 'Rename' }).click();
      await page.getByLabel('New title').fill(NAME);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: NAME }).waitFor();
      await app.taskItems.filter({ hasText: NAME }).first().waitFor();
      await page.reload();
      await page.getByRole('heading', { level: 1, name: NAME }).waitFor();
      await app.untilSettled();
      await expectNothingRan(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('option', { name: NAME }).first().waitFor();
      await expectNothingRan(page);
      await app.goto('/agents');
      await page.getByText(NAME).first().waitFor();
      await expectNothingRan(page);
    },
  );

  test('asks no other host for a picture before somebody wants it', async () => {
    const { app, context } = await stage.person();
    const asked: string[] = [];
    await context.route('https://pictures.example/**', async (route) => {
      asked.push(route.request().url());
      expect(route.request().headers()).not.toHaveProperty('referer');
      await route.fulfill({ contentType: 'image/png', body: PIXEL });
    });
    await app.openNewChat('public/assistant');
    const inline = `data:image/png;base64,${PIXEL.toString('base64')}`;
    const answer = await app.ask(
      `[[say ![inside](${inline})\n\n![first](https://pictures.example/a.png?q=secret)\n\n![second](https://pictures.example/b.png)]]`,
    );
    await answer.getByRole('img', { name: 'inside' }).waitFor();
    const waiting = answer.getByRole('button', { name: /Load picture from pictures\.example/ });
    await expect.poll(() => waiting.count()).toBe(2);
    expect(asked).toEqual([]);
    await waiting.first().click();
    await answer.getByRole('img', { name: 'first' }).waitFor();
    await expect.poll(() => asked).toEqual(['https://pictures.example/a.png?q=secret']);
    expect(await waiting.count()).toBe(1);
  });

  test('follows no address that leads out after signing in', async () => {
    const { app } = await stage.visitor();
    await app.goto(`/login?next=${encodeURIComponent('https://example.com/')}`);
    await app.signInWithForm({ username: 'admin', password: 'password of the administrator' });
    await app.composer.waitFor();
    expect(new URL(app.page.url()).origin).toBe(stage.server().url);
  });
});

async function expectNothingRan(page: Page): Promise<void> {
  expect(await page.evaluate(() => 'wasHere' in window), 'a script ran').toBe(false);
}
