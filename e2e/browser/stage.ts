import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Person, signIn } from '../support/person.ts';
import {
  ADMIN_PASSWORD,
  type Standalone,
  type StandaloneOptions,
  startStandalone,
} from '../support/standalone.ts';
import { launchBrowser } from './browser.ts';
import { keepScreenshot } from './screenshots.ts';
import { openVisitor, type Visitor, type VisitorOptions } from './visitor.ts';

/** The administrator of a stage whose options do not take the password away. */
export const ADMIN = { username: 'admin', password: ADMIN_PASSWORD };

/** What the tests of a file play on: one product, one browser. */
export interface Stage {
  server(): Standalone;
  /** The administrator, by API. */
  admin(): Promise<Person>;
  /** A browser window that nobody is signed in to. */
  visitor(options?: VisitorOptions & { url?: string }): Promise<Visitor>;
  /** A browser window somebody is signed in to; the administrator when nobody is named. */
  person(
    options?: VisitorOptions & { url?: string; as?: { username: string; password: string } },
  ): Promise<Visitor>;
}

/** What a stage starts its product with; a function where other servers have to be there first. */
type StageOptions = StandaloneOptions | (() => Promise<StandaloneOptions>);

/**
 * Starts product and browser before the tests of the file or suite that calls it, and ends them afterwards. After
 * each test its windows are closed, and whatever a browser complained about in them fails the test.
 */
export function useStage(options: StageOptions = {}): Stage {
  let server: Standalone;
  let browser: Browser;
  let admin: Promise<Person> | undefined;
  let visitors: Visitor[] = [];

  beforeAll(async () => {
    const given = typeof options === 'function' ? await options() : options;
    [server, browser] = await Promise.all([startStandalone(given), launchBrowser()]);
  });
  afterEach(async ({ task }) => {
    const finished = visitors;
    visitors = [];
    if (task.result?.state === 'fail') {
      const tabs = finished.flatMap(({ context }) => context.pages());
      for (const [index, tab] of tabs.entries())
        await keepScreenshot(tab, `failed/${task.name} ${index + 1}`);
    }
    for (const { context } of finished) await context.close();
    expect(
      finished.flatMap(({ faults }) => faults),
      'what the browsers complained about',
    ).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const visitor: Stage['visitor'] = async ({ url = server.url, ...look } = {}) => {
    const opened = await openVisitor(browser, url, look);
    visitors.push(opened);
    return opened;
  };
  return {
    server: () => server,
    admin: () => {
      admin ??= signIn(server.url);
      return admin;
    },
    visitor,
    async person({ as = ADMIN, ...rest } = {}) {
      const opened = await visitor(rest);
      await opened.signIn(as);
      return opened;
    },
  };
}
