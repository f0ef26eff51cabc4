import type { tools as Source } from '../en/tools.ts';

export const tools: typeof Source = {
  title: {
    read: '读取 {{what}}',
    write: '写入 {{what}}',
    edit: '编辑 {{what}}',
    find: '查找文件 {{what}}',
    search: '搜索 {{what}}',
    fetch: '获取 {{what}}',
    webSearch: '在网上搜索 {{what}}',
    agent: '助手：{{what}}',
    skill: '技能：{{what}}',
    ask: '提问',
    plan: '提出计划',
    todo: '待办',
    nextStage: '继续由 {{what}} 进行？',
  },
  todo: { pending: '待办', in_progress: '进行中', completed: '完成' },
  command: {
    silent: '没有输出',
    running: '正在运行',
    more_one: '前面还有 {{count}} 行',
    more_other: '前面还有 {{count}} 行',
    less: '仅显示最后几行',
  },
};
