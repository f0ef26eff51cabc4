import type { ReactNode } from 'react';
import { CopyButton } from '../ui/copy-button.tsx';
import { visibleName } from '../ui/visible-name.ts';

/** Some rows under a heading. */
export function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mb-6">
      <h3 className="mb-2 text-[13px] font-medium text-faint">{title}</h3>
      <dl className="flex flex-col gap-1.5">{children}</dl>
    </section>
  );
}

/** A name and what it is. */
export function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(90px,130px)_minmax(0,1fr)] items-baseline gap-3">
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}

/** A name that one may want elsewhere. */
export function Copyable({ text }: { text: string }) {
  return (
    <span className="flex items-baseline gap-1">
      <code className="min-w-0 [overflow-wrap:anywhere]">{visibleName(text)}</code>
      <CopyButton text={text} type="text" size="small" className="flex-none text-xs! text-faint!" />
    </span>
  );
}
