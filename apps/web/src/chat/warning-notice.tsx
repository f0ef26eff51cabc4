import { InfoCircleOutlined } from '@ant-design/icons';
import type { Block } from '@wegent/api';
import { useTranslation } from 'react-i18next';

const KNOWN = [
  'HistoryTrimmed',
  'McpServerUnavailable',
  'OutputTruncated',
  'ContentFiltered',
  'StepLimit',
  'AttachmentMissing',
] as const;

/** Something that the person should know about the answer, said quietly; the server's words on hover. */
export function WarningNotice({ block }: { block: Extract<Block, { type: 'warning' }> }) {
  const { t } = useTranslation('chat');
  const code = KNOWN.find((known) => known === block.code);
  return (
    <p
      className="flex items-start gap-2 text-[13px] leading-5 text-muted"
      data-testid="warning"
      title={block.message}
    >
      <InfoCircleOutlined className="mt-[3px] text-warning" aria-hidden="true" />
      <span>
        {code && t(`warning.${code}`)} <span className="text-faint">{block.message}</span>
      </span>
    </p>
  );
}
