import type { chat as Source } from '../en/chat.ts';

export const chat: typeof Source = {
  title: '对话',
};
