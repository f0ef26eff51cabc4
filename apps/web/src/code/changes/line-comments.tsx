import { DeleteOutlined, EditOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CommentBox } from './comment-box.tsx';
import type { LineComment } from './comment-message.ts';
import { useReview } from './review-context.tsx';

/** A comment below its line, until it is sent. */
export function LineCommentView({ comment }: { comment: LineComment }) {
  const { t } = useTranslation('code');
  const { t: common } = useTranslation();
  const { edit, remove } = useReview();
  const [editing, setEditing] = useState(false);
  if (editing) {
    return (
      <CommentBox
        initial={comment.text}
        onCancel={() => setEditing(false)}
        onSave={(text) => {
          edit(comment.id, text);
          setEditing(false);
        }}
      />
    );
  }
  return (
    <div
      data-testid="line-comment"
      className="flex items-start gap-2 border-y border-accent-line bg-accent-soft py-2 pr-2 pl-4 font-sans text-[14px] leading-5"
    >
      <p className="min-w-0 flex-1 [overflow-wrap:anywhere] whitespace-pre-wrap">{comment.text}</p>
      <Button
        type="text"
        size="small"
        icon={<EditOutlined />}
        aria-label={common('actions.edit')}
        onClick={() => setEditing(true)}
      />
      <Button
        type="text"
        size="small"
        icon={<DeleteOutlined />}
        aria-label={t('review.remove')}
        onClick={() => remove(comment.id)}
      />
    </div>
  );
}
