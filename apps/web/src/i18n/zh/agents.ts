import type { agents as Source } from '../en/agents.ts';

export const agents: typeof Source = {
  title: '智能体',
  subtitle: '选择由谁来回答。每个智能体由一个或多个协同工作的机器人组成。',
  search: '搜索智能体',
  loading: '智能体',
  startChat: '开始对话',
  startChatWith: '与 {{name}} 开始对话',
  startCode: '开始编码任务',
  startCodeWith: '用{{name}}开始编码任务',
  members_one: '{{count}} 个成员',
  members_other: '{{count}} 个成员',
  shared: '对所有人开放',
  notReady: '未就绪',
  empty: '还没有智能体',
  emptyBody: '您或管理员添加的智能体会显示在这里。',
  noMatch: '没有与“{{query}}”匹配的智能体。',
  mode: { solo: '单独', pipeline: '流水线', route: '路由', coordinate: '协调', collaborate: '协作' },
};
