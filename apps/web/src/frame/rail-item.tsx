import { Tooltip } from 'antd';
import Link from 'next/link';
import { usePathname, useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';
import { useFrame } from './frame-context.tsx';

interface RailItemProps {
  icon: ReactNode;
  label: string;
  /** Keys that do the same. */
  hint?: string;
  href?: string;
  /** Marked only when the address has no query, as a new chat has none. */
  exact?: boolean;
  /** Stands out as the thing to do. */
  strong?: boolean;
  onClick?: () => void;
}

const STRONG = 'border border-line bg-raised font-medium text-ink!';

/** A line of the rail: a link, or a button; only its icon while the rail is collapsed. */
export function RailItem({ icon, label, hint, href, exact = false, strong = false, onClick }: RailItemProps) {
  const { collapsed } = useFrame();
  const pathname = usePathname();
  const query = useSearchParams().toString();
  const current = href !== undefined && pathname.startsWith(href) && (!exact || query === '');
  const className = `flex h-9 w-full items-center gap-3 rounded-control px-3 text-left text-[14px] leading-5 transition-[background-color,color] hover:bg-hover ${
    collapsed ? 'justify-center' : ''
  } ${strong ? STRONG : current ? 'bg-selected font-medium text-ink!' : 'text-muted! hover:text-ink!'}`;
  const content = (
    <>
      <span className="text-[16px] leading-none" aria-hidden="true">
        {icon}
      </span>
      <span className={collapsed ? 'sr-only' : 'flex-1 truncate'}>{label}</span>
      {hint && !collapsed && <kbd className="text-xs text-faint max-lg:hidden">{hint}</kbd>}
    </>
  );
  return (
    <Tooltip title={collapsed ? label : null} placement="right">
      {href === undefined ? (
        <button type="button" className={`${className} cursor-pointer`} onClick={onClick}>
          {content}
        </button>
      ) : (
        <Link href={href} className={className} {...(current ? { 'aria-current': 'page' as const } : {})}>
          {content}
        </Link>
      )}
    </Tooltip>
  );
}
