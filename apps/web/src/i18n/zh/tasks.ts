import type { tasks as Source } from '../en/tasks.ts';

export const tasks: typeof Source = {
  title: '对话与任务',
  code: '编码任务',
  search: '搜索对话',
  empty: '您的对话会显示在这里。',
  noMatch: '没有匹配的对话。',
  more: '显示更多',
  untitled: '未命名对话',
  unread: '有新内容',
  rename: '重命名',
  newTitle: '新标题',
  moreAbout: '“{{title}}”的操作',
  deleteTitle: '删除此对话？',
  deleteBody: '“{{title}}”及其全部消息将对所有参与者删除，正在生成的回答会停止。',
  group: { needsYou: '需要您处理', running: '运行中', today: '今天', earlier: '更早' },
  phase: {
    Pending: '排队中',
    Running: '运行中',
    WaitingForInput: '需要您处理',
    Cancelling: '正在停止',
    Completed: '已完成',
    Failed: '失败',
    Cancelled: '已停止',
  },
};
