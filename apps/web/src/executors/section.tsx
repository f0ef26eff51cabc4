import { type ReactNode, useId } from 'react';

/** A part of a page with its heading. */
export function Section({ title, count, children }: { title: string; count?: number; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="mb-3 text-base font-semibold">
        {title}
        {count !== undefined && count > 0 && <span className="ml-2 font-normal text-faint">{count}</span>}
      </h2>
      {children}
    </section>
  );
}
