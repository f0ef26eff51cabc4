import type { ReactNode } from 'react';

/** What a panel shows that has nothing to show: why, and how that changes. */
export function PanelEmpty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex h-full flex-1 flex-col items-center justify-center gap-1 p-8 text-center">
      <p className="font-medium text-muted">{title}</p>
      {children && <div className="max-w-sm text-[14px] text-faint">{children}</div>}
    </div>
  );
}
