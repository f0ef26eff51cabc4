import { BulbOutlined } from '@ant-design/icons';
import type { Block } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { Markdown } from '../markdown/markdown.tsx';
import { Step } from './step.tsx';
import { useDurationText } from './use-duration-text.ts';

/** What the model thought, folded: “Thought for 3 s”. */
export function ReasoningStep({ block }: { block: Extract<Block, { type: 'reasoning' }> }) {
  const { t } = useTranslation('chat');
  const durationText = useDurationText();
  const title = !block.done
    ? t('steps.thinking')
    : block.durationMs === undefined
      ? t('steps.thought')
      : t('steps.thoughtFor', { time: durationText(block.durationMs) });
  return (
    <Step
      icon={<BulbOutlined />}
      title={<span className={block.done ? '' : 'wg-shimmer'}>{title}</span>}
      testId="reasoning"
    >
      {block.text.trim() !== '' && (
        <div className="text-[14px] leading-[22px] text-muted">
          <Markdown text={block.text} growing={!block.done} />
        </div>
      )}
    </Step>
  );
}
