import type { TaskPhase } from '@wegent/api';
import { useTranslation } from 'react-i18next';

/** What a task is doing, as colour, shape and word; the word is for screen readers and on hover. */
export function TaskMark({ phase }: { phase: TaskPhase }) {
  const { t } = useTranslation('tasks');
  const word = t(`phase.${phase}`);
  return (
    <span className={`inline-flex size-4 flex-none ${COLOURS[phase]}`} title={word}>
      <svg
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {SHAPES[phase]}
      </svg>
      <span className="sr-only">{word}</span>
    </span>
  );
}

const RING = (
  <g className="origin-center animate-spin" style={{ animationDuration: '1.1s' }}>
    <circle cx="8" cy="8" r="5.6" opacity="0.25" />
    <path d="M8 2.4a5.6 5.6 0 0 1 5.6 5.6" />
  </g>
);
const DOTS = (
  <g fill="currentColor" stroke="none">
    <circle cx="3.2" cy="8" r="1.4" />
    <circle cx="8" cy="8" r="1.4" />
    <circle cx="12.8" cy="8" r="1.4" />
  </g>
);
const HAND = (
  <path
    d="M4.6 8.4V4.6a.9.9 0 0 1 1.8 0V7V3.3a.9.9 0 0 1 1.8 0V7V4.2a.9.9 0 0 1 1.8 0v3.4V5.8a.9.9 0 0 1 1.8 0v4c0 2.6-1.6 4.4-4 4.4-1.9 0-3-.8-3.8-2.4L2.7 9.2c-.5-1 .8-1.8 1.5-.9z"
    strokeWidth="1.2"
  />
);

const SHAPES = {
  Pending: DOTS,
  Running: RING,
  Cancelling: RING,
  WaitingForInput: HAND,
  Completed: <path d="m3.5 8.4 3 3 6-6.4" />,
  Failed: <path d="m4.2 4.2 7.6 7.6m0-7.6-7.6 7.6" />,
  Cancelled: <path d="M4 8h8" />,
} as const;

const COLOURS = {
  Pending: 'text-faint',
  Running: 'text-accent',
  Cancelling: 'text-faint',
  WaitingForInput: 'text-warning',
  Completed: 'text-success',
  Failed: 'text-error',
  Cancelled: 'text-faint',
} as const;
