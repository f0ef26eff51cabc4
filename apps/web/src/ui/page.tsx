import type { ReactNode } from 'react';
import { PageTitle } from './page-title.tsx';

interface PageProps {
  title: string;
  subtitle?: string;
  actions?: ReactNode;
  /** `narrow` for forms, `wide` for tables and cards. */
  width?: 'narrow' | 'wide';
  children: ReactNode;
}

/** A page that scrolls, with its heading and actions; everything but the chat is one. */
export function Page({ title, subtitle, actions, width = 'wide', children }: PageProps) {
  return (
    <div className="h-full overflow-y-auto">
      <PageTitle title={title} />
      <div
        className={`mx-auto w-full px-4 py-6 sm:px-8 sm:py-10 ${width === 'narrow' ? 'max-w-[720px]' : 'max-w-[1080px]'}`}
      >
        <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-4 sm:mb-8">
          <div className="min-w-0">
            <h1 className="text-2xl leading-8 font-semibold tracking-tight">{title}</h1>
            {subtitle && <p className="mt-1 text-muted">{subtitle}</p>}
          </div>
          {actions && <div className="flex w-full items-center gap-2 sm:w-auto">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}
