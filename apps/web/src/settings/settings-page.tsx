import Link from 'next/link';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../ui/page.tsx';

const SECTIONS = ['profile', 'appearance', 'git', 'keys', 'terminal'] as const;

/** A page of the settings with the tabs to the others. */
export function SettingsPage({
  section,
  children,
}: {
  section: (typeof SECTIONS)[number];
  children: ReactNode;
}) {
  const { t } = useTranslation('settings');
  return (
    <Page title={t('title')} subtitle={t(`${section}.subtitle`)} width="narrow">
      <nav aria-label={t('title')} className="mb-8 flex gap-6 overflow-x-auto border-b border-line">
        {SECTIONS.map((name) => (
          <Link
            key={name}
            href={`/settings/${name}`}
            {...(name === section ? { 'aria-current': 'page' as const } : {})}
            className={`-mb-px border-b-2 pb-2.5 whitespace-nowrap ${
              name === section
                ? 'border-accent font-medium text-ink'
                : 'border-transparent text-muted hover:text-ink'
            }`}
          >
            {t(`tabs.${name}`)}
          </Link>
        ))}
      </nav>
      {children}
    </Page>
  );
}
