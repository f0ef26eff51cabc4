import { describeWith } from '@wegent/testing';
import { expect, test } from 'vitest';
import { signIn } from '../support/person.ts';
import type { AppPage } from './app-page.ts';
import { sidewaysOverflow } from './judge-page.ts';
import { faultsOf, looksOf } from './looks.ts';
import { holdConversation, signedInScreens } from './screens.ts';
import { ADMIN, useStage } from './stage.ts';

/** Each language, each colour and each width once. */
const LOOKS = looksOf([
  { language: 'en', colorScheme: 'light', width: 1440 },
  { language: 'zh', colorScheme: 'dark', width: 1440 },
  { language: 'zh', colorScheme: 'light', width: 1024 },
  { language: 'en', colorScheme: 'dark', width: 390 },
]);
const HEIGHT = 900;

describeWith(['chromium'], 'browser: looks', () => {
  const stage = useStage({ env: { SIMULATOR_PACE: '0' } });
  const inhabitants = new Map<string, ReturnType<typeof moveIn>>();

  /** Somebody for each language, so that nothing in the other one is on their screens. */
  async function moveIn(language: 'en' | 'zh') {
    const admin = await stage.admin();
    if (language === 'en') return { as: ADMIN, taskId: await holdConversation(admin, language) };
    const as = { username: 'mei', password: 'password of mei' };
    await admin.api.users.create({ ...as, role: 'admin' });
    return { as, taskId: await holdConversation(await signIn(stage.server().url, as), language) };
  }
  const inhabitantOf = (language: 'en' | 'zh') => {
    const inhabitant = inhabitants.get(language) ?? moveIn(language);
    inhabitants.set(language, inhabitant);
    return inhabitant;
  };

  test.each(LOOKS)('every screen in $language, $colorScheme, $width px wide', async (look) => {
    const { language, colorScheme, width } = look;
    const viewport = { width, height: HEIGHT };
    const { as, taskId } = await inhabitantOf(language);
    const faults: string[] = [];
    const judge = async (name: string, app: AppPage) => {
      faults.push(...(await faultsOf({ name, app, look })));
    };

    const stranger = await stage.visitor({ language, colorScheme, viewport });
    for (const name of ['login', 'setup']) {
      await stranger.app.goto(`/${name}`);
      await stranger.app.page.getByRole('heading', { level: 1 }).waitFor();
      await stranger.app.page.getByRole('main').getByRole('button').first().waitFor();
      await judge(name, stranger.app);
    }
    const { app } = await stage.person({ as, language, colorScheme, viewport, hasTouch: width < 640 });
    for (const screen of signedInScreens(taskId)) {
      await screen.open(app);
      await judge(screen.name, app);
    }
    expect(faults).toEqual([]);
  });

  test('language and theme are switched by a button and kept with the account', async () => {
    const first = await stage.person();
    const { page } = first.app;
    await first.app.openNewChat();
    await page.getByRole('button', { name: 'Switch to 中文' }).click();
    await page.getByRole('link', { name: '新对话' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.getByRole('button', { name: /切换到浅色/ }).click();
    await page.locator('html[data-theme="light"]').waitFor();
    await page.getByRole('button', { name: /切换到深色/ }).click();
    await page.locator('html[data-theme="dark"]').waitFor();

    const { app } = await stage.person();
    await app.openNewChat();
    await app.page.locator('html[data-theme="dark"][lang="zh-CN"]').waitFor();
    await app.page.getByRole('button', { name: '切换到English' }).click();
    await app.page.getByRole('link', { name: 'New chat' }).waitFor();
    await (await stage.admin()).api.users.updateMe({ preferences: {} });
  });

  test('a phone has everything in reach', async () => {
    const { app } = await stage.person({ viewport: { width: 390, height: 700 }, hasTouch: true });
    const { page } = app;
    await app.openNewChat('public/assistant');
    await app.send('Show me a table, then code in Python');
    await app.untilSettled();
    expect(await sidewaysOverflow(page)).toBe(0);
    const box = await app.composer.boundingBox();
    expect(box && box.y + box.height).toBeLessThanOrEqual(700);
    // One bar, not two: the conversation's own.
    expect(await page.locator('header').filter({ visible: true }).count()).toBe(1);
    await page.getByRole('button', { name: 'Open menu' }).tap();
    const drawer = page.getByRole('dialog', { name: 'Main navigation' });
    await drawer.getByTestId('task-item').first().waitFor();
    await drawer.getByRole('link', { name: 'Models' }).tap();
    await drawer.waitFor({ state: 'hidden' });
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    expect(await sidewaysOverflow(page)).toBe(0);
  });
});
