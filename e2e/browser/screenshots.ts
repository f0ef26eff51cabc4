import path from 'node:path';
import type { Page } from 'playwright-core';
import { e2eConfig } from '../support/config.ts';

/** Keeps a picture of what a tab shows, if WEGENT_SCREENSHOTS names a folder for them. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (e2eConfig.screenshots === undefined || page.isClosed()) return;
  const file = name.replaceAll(/[^\w/ -]+/g, '').replaceAll(' ', '-');
  await page.screenshot({ path: path.join(e2eConfig.screenshots, `${file}.png`), animations: 'disabled' });
}
