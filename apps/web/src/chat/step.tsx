import { RightOutlined } from '@ant-design/icons';
import { type ReactNode, useId, useState } from 'react';

interface StepProps {
  icon: ReactNode;
  title: ReactNode;
  /** Beside the title, such as how long it took. */
  detail?: ReactNode;
  /** What opens below; drawn only when it is open. */
  children?: ReactNode;
  /** Is it open when it first appears? */
  startOpen?: boolean;
  testId?: string;
}

/** A step of the agent in one line that opens. */
export function Step({ icon, title, detail, children, startOpen = false, testId }: StepProps) {
  const [open, setOpen] = useState(startOpen);
  const id = useId();
  return (
    <div {...(testId ? { 'data-testid': testId } : {})}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        disabled={!children}
        className="-ml-2 flex max-w-full min-w-0 items-center gap-2 rounded-lg px-2 py-0.5 text-left text-[14px] text-muted enabled:cursor-pointer enabled:hover:bg-hover enabled:hover:text-ink"
        onClick={() => setOpen(!open)}
      >
        <span className="inline-flex w-4 flex-none justify-center" aria-hidden="true">
          {icon}
        </span>
        <span className="min-w-0 truncate">{title}</span>
        {detail && <span className="flex-none text-[13px] text-faint">{detail}</span>}
        {children && (
          <RightOutlined
            aria-hidden="true"
            className={`flex-none text-[10px] text-faint transition-transform ${open ? 'rotate-90' : ''}`}
          />
        )}
      </button>
      <div id={id} hidden={!open} className="mt-1 mb-2 ml-2 border-l-2 border-line pl-4">
        {open && children}
      </div>
    </div>
  );
}
