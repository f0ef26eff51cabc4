import type { Browser, BrowserContext, BrowserContextOptions, ConsoleMessage, Page } from 'playwright-core';
import { type AppPage, createAppPage } from './app-page.ts';

/** Somebody with a browser of their own: cookies, storage and tabs that nobody else has. */
export interface Visitor {
  readonly context: BrowserContext;
  /** The first tab. */
  readonly app: AppPage;
  /** Everything that a browser complained about and no test said it expects, on any of the tabs. */
  readonly faults: string[];
  /** Opens another tab. */
  newTab(): Promise<AppPage>;
  /** Signs in without the form, which has a test of its own. */
  signIn(credentials: { username: string; password: string }): Promise<void>;
  /** Says that a complaint that matches belongs to the test. */
  tolerate(pattern: RegExp): void;
}

/** What a visitor's browser is like; languages and colours are what the browser asks for. */
export interface VisitorOptions
  extends Pick<BrowserContextOptions, 'viewport' | 'colorScheme' | 'hasTouch' | 'bypassCSP'> {
  language?: 'en' | 'zh';
}

const DESKTOP = { width: 1440, height: 900 };
/** Milliseconds in which whatever a test waits for has to happen. */
const PATIENCE_MS = 15_000;
/** Who has no session gets to know it by this answer; the browser reports each 401. */
const NO_SESSION_YET = /status of 401.*\/api\/v1\/auth\/refresh/;

/** Opens a browser window at `url` for somebody who has never been there. */
export async function openVisitor(
  browser: Browser,
  url: string,
  { language = 'en', viewport = DESKTOP, ...look }: VisitorOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    ...look,
    viewport,
    baseURL: url,
    locale: language === 'zh' ? 'zh-CN' : 'en-US',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  const tolerated = [NO_SESSION_YET];
  const note = (fault: string) => {
    if (!tolerated.some((pattern) => pattern.test(fault))) faults.push(fault);
  };
  context.on('page', (page) => watch(page, note));

  const newTab = async () => createAppPage(await context.newPage());
  return {
    context,
    app: await newTab(),
    faults,
    newTab,
    async signIn(credentials) {
      const response = await context.request.post('/api/v1/auth/login', { data: credentials });
      if (!response.ok()) throw new Error(`sign-in was refused: ${await response.text()}`);
    },
    tolerate: (pattern) => void tolerated.push(pattern),
  };
}

function watch(page: Page, note: (fault: string) => void): void {
  page.on('console', (message) => message.type() === 'error' && note(describe(message)));
  page.on('pageerror', (error) => note(`uncaught: ${error.stack ?? error.message}`));
  page.on('dialog', (dialog) => {
    note(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
}

function describe(message: ConsoleMessage): string {
  return `${message.text()} (${message.location().url})`;
}
