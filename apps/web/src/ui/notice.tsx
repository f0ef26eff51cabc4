import type { ReactNode } from 'react';
import { Logo } from './logo.tsx';
import { PageTitle } from './page-title.tsx';

/** A page that has nothing else to show: what is the matter, why, and the next step. */
export function Notice({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex h-full min-h-[70vh] flex-col items-center justify-center gap-6 p-6 text-center">
      <PageTitle title={title} />
      <Logo size={44} />
      <div className="max-w-md">
        <h1 className="text-2xl leading-8 font-semibold tracking-tight">{title}</h1>
        {children && <p className="mt-2 text-muted">{children}</p>}
      </div>
      {action}
    </div>
  );
}
