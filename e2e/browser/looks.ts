import { e2eConfig } from '../support/config.ts';
import { type Person, signIn } from '../support/person.ts';
import type { AppPage } from './app-page.ts';
import { seriousFaults, sidewaysOverflow, untranslatedTexts } from './judge-page.ts';
import { keepScreenshot } from './screenshots.ts';
import { ADMIN } from './stage.ts';

/** A way to look at a screen. */
export interface Look {
  language: 'en' | 'zh';
  colorScheme: 'light' | 'dark';
  width: number;
}

/** Who sees the screens of a language: the administrator of the stage, or one who reads Chinese. */
export async function personFor(
  stage: { admin(): Promise<Person>; server(): { url: string } },
  language: Look['language'],
): Promise<{ as: typeof ADMIN; person: Person }> {
  const admin = await stage.admin();
  if (language === 'en') return { as: ADMIN, person: admin };
  const as = { username: 'mei', password: 'password of mei' };
  await admin.api.users.create({ ...as, role: 'admin' });
  return { as, person: await signIn(stage.server().url, as) };
}

/** The looks that are tried; every combination of them where pictures are wanted. */
export function looksOf(usual: readonly Look[]): Look[] {
  if (e2eConfig.screenshots === undefined) return [...usual];
  const widths = new Set(usual.map(({ width }) => width));
  return [...widths].flatMap((width) =>
    (['en', 'zh'] as const).flatMap((language) =>
      (['light', 'dark'] as const).map((colorScheme) => ({ language, colorScheme, width })),
    ),
  );
}

/** What is wrong with what a tab shows; a picture of it is kept. `names` may stand on Chinese screens. */
export async function faultsOf({
  name,
  app,
  look: { language, colorScheme, width },
  names,
}: {
  name: string;
  app: AppPage;
  look: Look;
  names?: RegExp;
}): Promise<string[]> {
  await keepScreenshot(app.page, `${name}/${width}-${language}-${colorScheme}`);
  const faults = await seriousFaults(app.page);
  if (language === 'zh') {
    const texts = await untranslatedTexts(app.page);
    faults.push(...texts.filter((text) => !names?.test(text)).map((text) => `not Chinese: ${text}`));
  }
  const overflow = await sidewaysOverflow(app.page);
  if (overflow > 0) faults.push(`${overflow} px wider than the window`);
  return faults.map((fault) => `${name}: ${fault}`);
}
