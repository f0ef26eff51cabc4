import { CodeOutlined } from '@ant-design/icons';
import type { Block } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { DataFigure } from './data-figure.tsx';
import { Step } from './step.tsx';

/** Output of a run that is not part of what it says. */
export function LogStep({ block }: { block: Extract<Block, { type: 'log' }> }) {
  const { t } = useTranslation('chat');
  return (
    <Step icon={<CodeOutlined />} title={t('steps.log')}>
      <DataFigure label={block.stream} value={block.text} />
    </Step>
  );
}
