import { CheckCircleFilled, CloseCircleFilled, MinusCircleOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';

const MARKS = {
  good: { icon: <CheckCircleFilled />, colour: 'text-success' },
  bad: { icon: <CloseCircleFilled />, colour: 'text-error' },
  idle: { icon: <MinusCircleOutlined />, colour: 'text-faint' },
} as const;

/** A state as colour, shape and word. */
export function StatusMark({ state, children }: { state: keyof typeof MARKS; children: ReactNode }) {
  const { icon, colour } = MARKS[state];
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <span className={colour} aria-hidden="true">
        {icon}
      </span>
      <span>{children}</span>
    </span>
  );
}
