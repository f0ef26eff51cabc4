import type { Block } from '@wegent/api';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Monogram } from '../ui/monogram.tsx';
import { RunMark } from './run-mark.tsx';
import { Step } from './step.tsx';

/** A member's run inside the answer: name, state, instruction; opened, what it did. */
export function ChildThread({
  block,
  children,
}: {
  block: Extract<Block, { type: 'child' }>;
  children: ReactNode;
}) {
  const { t } = useTranslation('chat');
  const state = block.outcome ?? 'running';
  return (
    <Step
      testId="child-thread"
      icon={<Monogram name={block.bot.name} size={18} />}
      title={
        <>
          <span className="font-medium text-ink">{block.bot.name}</span>{' '}
          <span className="text-faint">{block.instruction}</span>
        </>
      }
      detail={<RunMark state={state} />}
    >
      <p className="mb-2 text-[14px] whitespace-pre-wrap text-muted">
        <span className="text-faint">{t('steps.instruction')}</span> {block.instruction}
      </p>
      {children}
    </Step>
  );
}
