import type { ExecutionSpec } from '@wegent/api';
import { createEngines } from '@wegent/manager';
import { serveParent } from '../child.ts';
import type { MemberWish } from '../teams/team-documents.ts';

/** A Team, and what its model is asked. */
interface Setting {
  modelUrl: string;
  /** The leader first, where there is one. */
  members: MemberWish[];
}

const engine = createEngines().Chat;

/** The members one after the other. */
async function inTurn({ modelUrl, members }: Setting): Promise<void> {
  for (const member of members) await run(modelUrl, member);
}

/** So often all members but the leader at once, then the leader. */
async function inRounds({ modelUrl, members, rounds }: Setting & { rounds: number }): Promise<void> {
  const [leader, ...others] = members;
  for (let round = 0; round < rounds; round += 1)
    await Promise.all(others.map((member) => run(modelUrl, member)));
  if (leader) await run(modelUrl, leader);
}

/** The leader, whose work is done by the others as soon as it is given. */
async function led({ modelUrl, members }: Setting): Promise<void> {
  const [leader, ...others] = members;
  if (!leader) return;
  const working = new Map<string, Promise<void>>();
  await run(modelUrl, leader, {
    team: { members: others.map(({ name }) => ({ name, description: '' })), parallel: others.length },
    async giveWork({ member }) {
      const found = others.find(({ name }) => name === member);
      if (!found) return { refused: 'unknown' };
      working.set(member, run(modelUrl, found));
      return { executionId: member, bot: { name: member, namespace: 'default' } };
    },
    async workOf(executionId) {
      await working.get(executionId);
      return { outcome: 'completed', text: `${executionId} was here` };
    },
  });
}

type Turn = Parameters<typeof engine.run>[0];

function run(
  modelUrl: string,
  { name, prompt }: MemberWish,
  leading: Pick<Turn, 'giveWork' | 'workOf'> & Pick<ExecutionSpec, 'team'> = {},
): Promise<void> {
  const { team, ...work } = leading;
  const note = team
    ? `\n\n${team.members.map((member) => `- ${JSON.stringify(member.name)}: one`).join('\n')}`
    : '';
  return engine.run({
    spec: {
      ...SPEC,
      executionId: name,
      model: { ...MODEL, baseUrl: `${modelUrl}/v1` },
      systemPrompt: `${prompt}${note}`,
      ...(team ? { team } : {}),
    },
    emit: () => undefined,
    ready: async () => undefined,
    touch: () => undefined,
    pause: () => () => undefined,
    onInput: () => undefined,
    signal: new AbortController().signal,
    readBlob: async () => undefined,
    ...work,
  });
}

const MODEL = {
  name: 'scripted',
  protocol: 'openai-chat',
  modelId: 'scripted',
  apiKey: 'any',
  headers: {},
  env: {},
  capabilities: {},
} as const;
const SPEC: ExecutionSpec = {
  executionId: 'run',
  taskId: 'task',
  messageId: 'message',
  attempt: 1,
  namespace: 'default',
  owner: { userId: 'user', name: 'ada' },
  taskType: 'chat',
  bot: { name: 'member', namespace: 'default' },
  shell: {
    name: 'Chat',
    shellType: 'Chat',
    network: 'open',
    turnSeconds: 60,
    idleSeconds: 30,
    startSeconds: 30,
    maxAttempts: 1,
  },
  systemPrompt: '',
  mcpServers: {},
  egress: [],
  approvals: [],
  skills: [],
  history: [],
  input: { role: 'user', text: 'Go.' },
  options: {},
};

const handlers = { inTurn, inRounds, led };
/** What this process is asked for. */
export type BareTeamHandlers = typeof handlers;
serveParent(handlers);
