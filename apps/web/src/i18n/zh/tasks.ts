import type { tasks as Source } from '../en/tasks.ts';

export const tasks: typeof Source = {
  title: '对话',
};
