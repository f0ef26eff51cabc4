import { ArrowDownOutlined } from '@ant-design/icons';
import { earlierThan, type TaskView } from '@wegent/client';
import { Button } from 'antd';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { AssistantTurn } from './assistant-turn.tsx';
import { EarlierMessages } from './earlier-messages.tsx';
import { useStickyScroll } from './use-sticky-scroll.ts';
import { UserTurn } from './user-turn.tsx';

/** The turns of a conversation; keeps the newest in sight, and the place when earlier ones are loaded. */
export function MessageList({ view }: { view: TaskView }) {
  const { t } = useTranslation('chat');
  const { scroller, content, away, toEnd } = useStickyScroll();
  const { messages } = view;
  const lastUserId = messages.findLast(({ role }) => role === 'user')?.clientMessageId;
  useKeptPlace(scroller, messages[0]?.id);

  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a message of one's own brings the end into sight.
  useEffect(() => {
    if (!first.current) toEnd();
    first.current = false;
  }, [lastUserId, toEnd]);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none]"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever uses a keyboard must be able to scroll it.
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t('conversation')}
      >
        <div ref={content} className="mx-auto flex w-full max-w-[800px] flex-col px-4 pt-6 pb-4">
          {earlierThan(view) !== undefined && <EarlierMessages key={messages[0]?.id} />}
          {messages.map((message, index) =>
            message.role === 'user' ? (
              <UserTurn key={keyOf(message)} message={message} />
            ) : (
              <AssistantTurn key={message.id} message={message} newest={index === messages.length - 1} />
            ),
          )}
        </div>
      </div>
      {away && (
        <Button
          shape="circle"
          icon={<ArrowDownOutlined />}
          aria-label={t('toNewest')}
          title={t('toNewest')}
          data-testid="jump-to-newest"
          className="absolute! bottom-3 left-1/2 -translate-x-1/2 shadow-raised"
          onClick={toEnd}
        />
      )}
    </div>
  );
}

// One's own message keeps its element when the server's copy takes its place.
function keyOf({ id, clientMessageId }: TaskView['messages'][number]): string {
  return clientMessageId ?? id;
}

/** What comes in above pushes the view down by its height, before anything is painted. */
function useKeptPlace(scroller: React.RefObject<HTMLDivElement | null>, firstId: string | undefined): void {
  const before = useRef({ firstId, height: 0 });
  useLayoutEffect(() => {
    const list = scroller.current;
    if (!list) return;
    const { firstId: earlierFirst, height } = before.current;
    if (earlierFirst !== undefined && firstId !== earlierFirst && height > 0)
      list.scrollTop += list.scrollHeight - height;
    before.current = { firstId, height: list.scrollHeight };
  });
}
