import { admin as enAdmin } from './en/admin.ts';
import { agents as enAgents } from './en/agents.ts';
import { approvals as enApprovals } from './en/approvals.ts';
import { chat as enChat } from './en/chat.ts';
import { code as enCode } from './en/code.ts';
import { common as enCommon } from './en/common.ts';
import { executors as enExecutors } from './en/executors.ts';
import { git as enGit } from './en/git.ts';
import { inputs as enInputs } from './en/inputs.ts';
import { models as enModels } from './en/models.ts';
import { session as enSession } from './en/session.ts';
import { settings as enSettings } from './en/settings.ts';
import { tasks as enTasks } from './en/tasks.ts';
import { team as enTeam } from './en/team.ts';
import { tools as enTools } from './en/tools.ts';
import { admin as zhAdmin } from './zh/admin.ts';
import { agents as zhAgents } from './zh/agents.ts';
import { approvals as zhApprovals } from './zh/approvals.ts';
import { chat as zhChat } from './zh/chat.ts';
import { code as zhCode } from './zh/code.ts';
import { common as zhCommon } from './zh/common.ts';
import { executors as zhExecutors } from './zh/executors.ts';
import { git as zhGit } from './zh/git.ts';
import { inputs as zhInputs } from './zh/inputs.ts';
import { models as zhModels } from './zh/models.ts';
import { session as zhSession } from './zh/session.ts';
import { settings as zhSettings } from './zh/settings.ts';
import { tasks as zhTasks } from './zh/tasks.ts';
import { team as zhTeam } from './zh/team.ts';
import { tools as zhTools } from './zh/tools.ts';

const en = {
  common: enCommon,
  session: enSession,
  chat: enChat,
  tasks: enTasks,
  models: enModels,
  agents: enAgents,
  settings: enSettings,
  admin: enAdmin,
  approvals: enApprovals,
  code: enCode,
  executors: enExecutors,
  git: enGit,
  inputs: enInputs,
  team: enTeam,
  tools: enTools,
};

/** All words, a namespace per feature. The type makes a missing Chinese key a compile error. */
export const resources: { en: typeof en; zh: typeof en } = {
  en,
  zh: {
    common: zhCommon,
    session: zhSession,
    chat: zhChat,
    tasks: zhTasks,
    models: zhModels,
    agents: zhAgents,
    settings: zhSettings,
    admin: zhAdmin,
    approvals: zhApprovals,
    code: zhCode,
    executors: zhExecutors,
    git: zhGit,
    inputs: zhInputs,
    team: zhTeam,
    tools: zhTools,
  },
};
