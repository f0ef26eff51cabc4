import { waitFor } from '@wegent/testing';
import type { Person } from '../support/person.ts';
import type { AppPage } from './app-page.ts';
import { createCodePage, type PanelName } from './code-page.ts';

/** A screen that is looked at: its name, and the way to it. */
export interface Screen {
  name: string;
  open: (app: AppPage) => Promise<void>;
}

/** What a conversation needs to show most of what can be in one. */
const PROMPTS = {
  en: [
    'Write code in TypeScript that greets somebody',
    '[[think The clock has to be asked first.]] [[tool! clock {"zone":"UTC"}]] [[say It is **late**.\n\n| Place | Time |\n| --- | --- |\n| Oslo | 23:10 |\n\n1. Go home\n2. Sleep]]',
    '[[fault 401]]',
  ],
  zh: [
    '用 TypeScript 写一段问候的代码',
    '[[think 先问一下时间。]] [[tool! clock {"zone":"UTC"}]] [[say 现在**很晚**了。\n\n| 地点 | 时间 |\n| --- | --- |\n| 上海 | 23:10 |\n\n1. 回家\n2. 睡觉]]',
    '现在会出错 [[fault 401]]',
  ],
} as const;

/** Holds a conversation by API and answers its id. */
export async function holdConversation(person: Person, language: 'en' | 'zh'): Promise<string> {
  const { api } = person;
  const [first, ...others] = PROMPTS[language];
  const { taskId } = await api.tasks.create({
    clientMessageId: `look-${language}`,
    team: { name: 'assistant', namespace: 'public' },
    message: first,
  });
  const untilDone = () =>
    waitFor(async () => ['Completed', 'Failed'].includes((await api.tasks.get(taskId)).phase), {
      what: 'the end of the run',
      timeoutMs: 60_000,
    });
  await untilDone();
  for (const [index, message] of others.entries()) {
    const body = { clientMessageId: `look-${language}-${index}`, message };
    await api.http.request('POST', `/api/v1/tasks/${taskId}/messages`, { body });
    await untilDone();
  }
  return taskId;
}

/** What a finished coding task, one that waits, and the pages around them look like. */
export function codingScreens({ done, waiting }: { done: string; waiting: string }): Screen[] {
  const inPanel = (name: PanelName, content: string): Screen => ({
    name: `code-${name}`,
    open: async (app) => {
      const code = createCodePage(app);
      await code.openCode(done);
      const panel = await code.openPanel(name);
      await panel.locator(content).first().waitFor();
    },
  });
  return [
    {
      name: 'new-code',
      open: async (app) => {
        await createCodePage(app).openNewCode();
        await app.page.getByTestId('what-happens').waitFor();
      },
    },
    {
      name: 'code',
      open: async (app) => {
        const code = createCodePage(app);
        await code.openCode(done);
        await code.finish.waitFor();
        await code.closePanel();
      },
    },
    {
      name: 'code-approval',
      open: async (app) => {
        const code = createCodePage(app);
        await code.openCode(waiting);
        await code.approval.waitFor();
        await code.closePanel();
      },
    },
    inPanel('changes', '.wg-diff'),
    {
      name: 'code-comment',
      open: async (app) => {
        const code = createCodePage(app);
        await code.openCode(done);
        await code.openPanel('changes');
        await code.diffOf('src/index.js').locator('[data-gutter]').last().click();
        await app.page.getByTestId('comment-box').waitFor();
      },
    },
    {
      name: 'code-files',
      open: async (app) => {
        const code = createCodePage(app);
        await code.openCode(done);
        const panel = await code.openPanel('files');
        await panel.getByRole('button', { name: 'README.md' }).click();
        await panel.getByTestId('file-text').waitFor();
      },
    },
    inPanel('logs', '[data-testid=logs]'),
    inPanel('terminal', '[data-status=open] .xterm-rows'),
    inPanel('details', 'dl'),
    { name: 'settings-git', open: page('/settings/git', '[data-testid=git-host]') },
    {
      name: 'connect-host',
      open: async (app) => {
        await page('/settings/git?add=', '[data-testid=git-host]')(app);
        await app.page.getByRole('dialog').locator('form').waitFor();
      },
    },
    { name: 'admin-executors', open: page('/admin/executors', '[data-testid=engine]') },
  ];
}

/** The views of the agent editor, for an agent whose first member has parts of its own and whose last is Dify's. */
export function agentScreens({ namespace, name }: { namespace: string; name: string }): Screen[] {
  const edit = page(`/agents/edit?ns=${namespace}&name=${name}`, '[data-testid=member]');
  const openMember = async ({ page: tab }: AppPage, index: number) => {
    await tab.getByTestId('member').nth(index).locator('button[aria-expanded]').first().click();
  };
  const inView = (view: RegExp, content: string) => async (app: AppPage) => {
    await edit(app);
    await app.page.getByRole('radiogroup').getByText(view).click();
    await app.page.locator(content).first().waitFor();
  };
  return [
    { name: 'agent-start', open: page('/agents/edit', '[data-testid^=template-]') },
    { name: 'agent-form', open: edit },
    {
      name: 'agent-parts',
      open: async (app) => {
        await edit(app);
        await openMember(app, 0);
        for (const part of await app.page.getByTestId('member').first().locator('.ant-collapse-header').all())
          if ((await part.getAttribute('aria-expanded')) !== 'true') await part.click();
        for (const part of ['own-shell', 'own-model']) await app.page.getByTestId(part).waitFor();
        await app.page.getByTestId('own-shell').scrollIntoViewIfNeeded();
      },
    },
    {
      name: 'agent-dify',
      open: async (app) => {
        await edit(app);
        await openMember(app, 2);
        await app.page.getByTestId('dify-application').getByText(/“/).waitFor();
        await app.page.getByTestId('dify-application').scrollIntoViewIfNeeded();
      },
    },
    { name: 'agent-canvas', open: inView(/^(Canvas|画布)$/, '[data-testid=canvas-member]') },
    { name: 'agent-yaml', open: inView(/YAML/, '.cm-line') },
    {
      name: 'agent-try',
      open: async (app) => {
        await edit(app);
        await app.page.getByRole('button', { name: /^(Try it|试一试)$/ }).click();
        // Not just there, but high enough to write in.
        const box = app.page.getByTestId('try-it').getByTestId('composer');
        await waitFor(async () => ((await box.boundingBox())?.height ?? 0) >= 24, {
          what: 'room to write in',
        });
      },
    },
    // The last one: a page with changes asks before it is left.
    {
      name: 'agent-plan',
      open: async (app) => {
        await edit(app);
        await openMember(app, 0);
        await app.page.getByTestId('member').first().locator('textarea').last().fill('…');
        await app.page.getByTestId('review').click();
        await app.page.getByTestId('plan-step').first().waitFor();
      },
    },
  ];
}

/** A way to a path; `content` is what the page shows when it has loaded. */
const page = (path: string, content: string) => async (app: AppPage) => {
  await app.goto(path);
  await app.page.locator('main').locator(content).first().waitFor();
};

/** The screens of somebody who is signed in, as an administrator. */
export function signedInScreens(taskId: string): Screen[] {
  return [
    {
      name: 'new-chat',
      open: async (app) => {
        await app.openNewChat();
        await app.page.getByRole('radio').first().waitFor({ state: 'attached' });
        await app.page.getByRole('main').getByRole('listitem').getByRole('link').first().waitFor();
      },
    },
    {
      name: 'chat',
      open: async (app) => {
        await app.openTask(taskId);
        await app.errorCard.waitFor();
        await app.answers.first().locator('code.wg-code').waitFor({ state: 'attached' });
      },
    },
    { name: 'agents', open: page('/agents', 'article') },
    { name: 'models', open: page('/library/models', 'li') },
    {
      name: 'add-model',
      open: async (app) => {
        await page('/library/models', 'li')(app);
        await app.page
          .locator('main')
          .getByRole('button', { name: /Add model|添加模型/ })
          .click();
        await app.page.getByRole('dialog').getByRole('button').filter({ hasText: 'OpenAI' }).first().click();
        await app.page.getByRole('dialog').locator('form').waitFor();
      },
    },
    { name: 'settings-profile', open: page('/settings/profile', 'form') },
    { name: 'settings-appearance', open: page('/settings/appearance', '[role=radiogroup]') },
    { name: 'settings-keys', open: page('/settings/keys', 'button') },
    { name: 'settings-terminal', open: page('/settings/terminal', 'code') },
    { name: 'admin-users', open: page('/admin/users', 'tbody tr button') },
  ];
}
