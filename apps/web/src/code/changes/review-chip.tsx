import { CloseOutlined, CommentOutlined, DeleteOutlined } from '@ant-design/icons';
import { Button, Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../ui/visible-name.ts';
import { useCodeTask } from '../code-context.tsx';
import { useReview } from './review-context.tsx';

/** “3 comments”: goes along with the next message; opened, each with its place. */
export function ReviewChip() {
  const { t } = useTranslation('code');
  const { comments, remove, clear } = useReview();
  const { showChanges } = useCodeTask();
  if (comments.length === 0) return null;
  const list = (
    <ul className="flex max-h-80 w-[min(420px,80vw)] flex-col divide-y divide-line overflow-y-auto">
      {comments.map(({ id, path, line, text }) => (
        <li key={id} className="flex items-start gap-2 py-1.5">
          <button
            type="button"
            className="min-w-0 flex-1 cursor-pointer text-left"
            onClick={() => showChanges({ path })}
          >
            <span className="block truncate font-mono text-xs text-faint">
              {visibleName(path)}:{line}
            </span>
            <span className="line-clamp-2 text-[14px]">{text}</span>
          </button>
          <Button
            type="text"
            size="small"
            icon={<DeleteOutlined />}
            aria-label={t('review.remove')}
            onClick={() => remove(id)}
          />
        </li>
      ))}
    </ul>
  );
  return (
    <div className="flex px-3 pt-3">
      <span className="inline-flex items-center rounded-control border border-accent-line bg-accent-soft text-[13px]">
        <Popover content={list} trigger="click" placement="topLeft">
          <button
            type="button"
            data-testid="review-chip"
            className="flex cursor-pointer items-center gap-2 py-1 pl-2.5 font-medium text-accent"
          >
            <CommentOutlined aria-hidden="true" />
            {t('review.count', { count: comments.length })}
          </button>
        </Popover>
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined className="text-[10px]!" />}
          aria-label={t('review.clear')}
          title={t('review.clear')}
          onClick={clear}
        />
      </span>
    </div>
  );
}
