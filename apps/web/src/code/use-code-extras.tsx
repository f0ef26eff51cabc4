import { useMemo } from 'react';
import type { ConversationExtras } from '../chat/conversation-context.tsx';
import { composeReview } from './changes/comment-message.ts';
import { ReviewChip } from './changes/review-chip.tsx';
import { useReview } from './changes/review-context.tsx';
import { TurnFiles } from './turn-files.tsx';

/** What a coding task adds to its conversation: the files of each turn, and comments on lines with the next message. */
export function useCodeExtras(): ConversationExtras {
  const { comments, clear } = useReview();
  return useMemo(
    () => ({
      hideLogs: true,
      canSteer: true,
      turnEnd: (message) => <TurnFiles message={message} />,
      enclosure: {
        chip: <ReviewChip />,
        count: comments.length,
        compose: (text) => composeReview(comments, text),
        clear,
      },
    }),
    [comments, clear],
  );
}
