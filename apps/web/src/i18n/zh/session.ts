import type { session as Source } from '../en/session.ts';

export const session: typeof Source = {
  signIn: {
    title: '登录',
    username: '用户名',
    password: '密码',
    submit: '登录',
    wrong: '用户名或密码错误。',
    throttled: '尝试次数过多，请在 {{count}} 秒后重试。',
    disabled: '该账户无法登录，请联系管理员。',
    setupTitle: '系统尚未初始化',
    setupBody: '请打开服务器启动时在日志中输出的初始化链接，用它创建第一个管理员。',
  },
  setup: {
    title: '初始化 Wegent',
    body: '创建第一个管理员。之后可以添加成员和模型。',
    username: '用户名',
    password: '密码',
    repeat: '再次输入密码',
    submit: '创建管理员',
    mismatch: '两次输入的密码不一致。',
    tooShort: '至少 {{count}} 个字符。',
    noToken: '缺少初始化令牌',
    noTokenBody: '请打开服务器日志中的完整链接，它以“?token=…”结尾。',
    done: '系统已初始化',
    doneBody: '请使用管理员账户登录。',
    toSignIn: '前往登录',
    badToken: '初始化链接无效或已失效，请使用服务器日志中最新的链接。',
  },
  strength: {
    label: '强度',
    weak: '容易被猜到，请加长。',
    fair: '尚可，越长越好。',
    good: '良好。',
    strong: '很强。',
  },
};
