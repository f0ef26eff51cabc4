import type { ReactNode } from 'react';

/** What stands where a list would be: what belongs here and how it gets here. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
      {icon && (
        <div className="mb-3 text-2xl text-faint" aria-hidden="true">
          {icon}
        </div>
      )}
      <p className="font-medium">{title}</p>
      {children && <p className="mt-1 max-w-md text-muted">{children}</p>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  );
}
