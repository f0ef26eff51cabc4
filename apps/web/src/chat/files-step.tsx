import { FileTextOutlined } from '@ant-design/icons';
import type { Block } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { Step } from './step.tsx';

/** The files that a run changed. */
export function FilesStep({ block }: { block: Extract<Block, { type: 'files' }> }) {
  const { t } = useTranslation('chat');
  return (
    <Step
      icon={<FileTextOutlined />}
      title={t('steps.files', { count: block.files.length })}
      detail={block.branch}
    >
      <ul className="font-mono text-[13px]">
        {block.files.map((file) => (
          <li key={file.path} className="flex gap-3">
            <span className="min-w-0 truncate">{file.path}</span>
            <span className="text-success">+{file.additions}</span>
            <span className="text-error">−{file.deletions}</span>
          </li>
        ))}
      </ul>
    </Step>
  );
}
