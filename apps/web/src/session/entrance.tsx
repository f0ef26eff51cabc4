import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from '../theme/language-switch.tsx';
import { ThemeSwitch } from '../theme/theme-switch.tsx';
import { Logo } from '../ui/logo.tsx';
import { PageTitle } from '../ui/page-title.tsx';

/** The page before signing in: the mark, a heading, one form, and the switches at the top. */
export function Entrance({ title, body, children }: { title: string; body?: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="flex min-h-dvh flex-col bg-rail">
      <PageTitle title={title} />
      <header className="flex justify-end gap-1 p-3">
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <main className="flex flex-1 flex-col items-center px-4 pt-[8vh] pb-16">
        <div className="w-full max-w-[400px]">
          <div className="mb-8 flex flex-col items-center text-center">
            <Logo size={48} />
            <h1 className="mt-5 text-2xl leading-8 font-semibold tracking-tight">{title}</h1>
            <p className="mt-1.5 text-muted">{body ?? t('tagline')}</p>
          </div>
          <div className="rounded-2xl border border-line bg-raised p-6 shadow-raised sm:p-8">{children}</div>
        </div>
      </main>
    </div>
  );
}
