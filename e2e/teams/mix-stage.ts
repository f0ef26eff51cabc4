import { setTimeout as delay } from 'node:timers/promises';
import { isFinalMessage, type ShellType } from '@wegent/api';
import { newClientMessageId, sendNewTask, type TaskMessage } from '@wegent/client';
import { type DifyRun, enginesFolder, type FakeDify, startFakeDify, usualSteps } from '@wegent/testing';
import {
  type ActingModel,
  type Heard,
  introduced,
  introduction,
  startActingModel,
} from '../support/acting-model.ts';
import { type Person, signIn, withApiKey } from '../support/person.ts';
import { type Standalone, startStandalone } from '../support/standalone.ts';
import { openViewer } from '../support/viewer.ts';
import { CHOICE, CHOOSE, type Mix, WORK } from './mixes.ts';

/** A product with all engines, whose models and applications play their parts and remember what they heard. */
export interface MixStage extends AsyncDisposable {
  readonly product: Standalone;
  readonly admin: Person;
  /** Makes the Team of a mix. */
  make(mix: Mix): Promise<void>;
  /**
   * Sends a message to a Team over the socket, in a new task where none is named; answers what the person saw in the
   * end, and what was stored.
   */
  ask(
    team: string,
    message: string,
    task?: { taskId: string },
  ): Promise<{ taskId: string; seen: TaskMessage; stored: TaskMessage }>;
  /** What the members of a Team heard, oldest first. */
  heard(team: string): readonly Heard[];
}

/** Models of the members; an application of Dify is a chat for the first, and a chatflow for the second. */
const MODELS: Record<ShellType, (index: number) => string> = {
  Chat: () => 'acting-openai',
  ClaudeCode: () => 'acting-claude',
  Agno: () => 'acting-openai',
  Dify: (index) => (index === 0 ? 'dify-chat' : 'dify-flow'),
};

/** Starts it. Sandboxes are made ahead, as many as tasks run at once. */
export async function startMixStage({ atOnce }: { atOnce: number }): Promise<MixStage> {
  const stack = new AsyncDisposableStack();
  try {
    const parts = createParts();
    const model = stack.use(await startActingModel(parts.ofModel));
    const chat = stack.use(await startFakeDify({ mode: 'chat' }));
    const flow = stack.use(await startFakeDify({ mode: 'advanced-chat' }));
    for (const app of [chat, flow]) app.script = (run) => usualSteps(run, parts.ofApplication(heardBy(run)));
    // Only the first has a place for instructions; to the other they come with the message.
    chat.form = [{ paragraph: { variable: 'system_prompt', label: 'Instructions', required: false } }];
    const product = stack.use(
      await startStandalone({
        enginesFolder: enginesFolder('agno') ?? '',
        env: {
          SANDBOX: 'local',
          OUTBOUND_ALLOW: [`127.0.0.1:${model.port}`, chat.host, flow.host].join(','),
          WARM_SANDBOXES: String(atOnce),
          // A leader keeps its place while a member that needs one works.
          MAX_CONCURRENT_TASKS: String(4 * atOnce),
        },
      }),
    );
    const admin = await withApiKey(product.url, await signIn(product.url));
    const apply = (yaml: string) =>
      admin.api.http.request('POST', '/api/v1/namespaces/default/apply', {
        body: yaml,
        headers: { 'content-type': 'application/yaml' },
      });
    await apply(partsYaml(model, chat, flow));
    const socket = admin.connect();
    stack.defer(() => socket.close());
    const owned = stack.move();
    return {
      product,
      admin,
      make: async (mix) => void (await apply(teamYaml(mix))),
      async ask(team, message, task) {
        const { taskId, messageId } = task
          ? await socket.request('chat:send', { clientMessageId: newClientMessageId(), ...task, message })
          : await sendNewTask(socket, { team: { name: team }, message });
        using viewer = openViewer({ person: admin, taskId });
        const view = await viewer.until(
          ({ messages }) => {
            const last = messages.at(-1);
            return last?.parentId === messageId && isFinalMessage(last.status);
          },
          { what: 'the end of the answer', timeoutMs: 120_000 },
        );
        const seen = view.messages.at(-1);
        const stored = (await admin.api.tasks.messages(taskId)).items.at(-1);
        if (!seen || !stored) throw new Error('there is no answer');
        return { taskId, seen, stored };
      },
      heard: (team) => parts.heard.filter((one) => one.team === team),
      async [Symbol.asyncDispose]() {
        const crashed = await Promise.race([product.process().exit.then(() => true), delay(0, false)]);
        const output = product.process().output();
        await owned.disposeAsync();
        if (crashed) throw new Error(`the product ended by itself:\n${output}`);
      },
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** What the members hear, and say: each counts. */
function createParts() {
  const heard: Heard[] = [];
  const words = ({ team, member }: Heard) => {
    const isSame = (one: Heard) => one.team === team && one.member === member && !isLeading(one);
    return `${member} says ${heard.filter(isSame).length}`;
  };
  return {
    heard,
    /** A script for the simulator. */
    ofModel(one: Heard): string {
      heard.push(one);
      return leaderScript(one) ?? `[[say ${words(one)}]]`;
    },
    ofApplication(one: Heard): string {
      heard.push(one);
      return one.instructions.includes(CHOOSE) ? CHOICE : words(one);
    },
  };
}

/** Was it offered a tool by which a leader gives work away? */
export function isLeading({ tools }: Heard): boolean {
  return tools.some((tool) => /(^|__)delegate/.test(tool));
}

/** What a leader does in its mode; nothing for who leads nobody. */
function leaderScript({ tools, instructions }: Heard): string | undefined {
  const call = (tool: string, input: object) => `[[tool ${tool} ${JSON.stringify(input)}]]`;
  if (tools.includes('delegate_task_to_members'))
    return [
      call('delegate_task_to_members', { task: 'One.' }),
      `[[say Once more.]] ${call('delegate_task_to_members', { task: 'Two.' })}`,
      '[[say ann says it all]]',
    ].join(' ');
  if (tools.includes('delegate_task_to_member'))
    return call('delegate_task_to_member', { member_id: 'ben', task: WORK });
  if (instructions.includes(CHOOSE)) return `[[json ${CHOICE}]]`;
  if (!tools.some((tool) => /(^|__)delegate$/.test(tool))) return undefined;
  const calls = [...instructions.matchAll(/^- "(\w+)":/gm)].map(
    ([, member]) => `delegate ${JSON.stringify({ member, instruction: WORK })}`,
  );
  return `[[tools-parallel ${calls.join(' ')}]]`;
}

/** What an application heard: instructions have a field of their own, or come before the message. */
function heardBy({ query, inputs, said }: DifyRun): Heard {
  const parts = query.split('The message to answer now:\n\n');
  const instructions = [String(inputs.system_prompt ?? ''), ...parts.slice(0, -1)].join('\n\n');
  const { team = '', member = '' } = introduced(instructions) ?? {};
  return { team, member, instructions, input: parts.at(-1) ?? '', past: said, tools: [], results: [] };
}

function partsYaml({ url }: ActingModel, chat: FakeDify, flow: FakeDify): string {
  const model = (name: string, env: Record<string, string>) => `
apiVersion: agent.wecode.io/v1
kind: Model
metadata: {name: ${name}}
spec:
  pricing: {input: 3, output: 15}
  modelConfig:
    env:
${Object.entries(env)
  .map(([key, value]) => `      ${key}: ${JSON.stringify(value)}`)
  .join('\n')}
`;
  return [
    model('acting-openai', { model: 'openai', model_id: 'demo', base_url: `${url}/v1`, api_key: 'a-key' }),
    model('acting-claude', { model: 'claude', model_id: 'demo', base_url: url, api_key: 'a-key' }),
    model('dify-chat', { DIFY_BASE_URL: `${chat.origin}/v1`, DIFY_API_KEY: chat.key }),
    `
apiVersion: agent.wecode.io/v1
kind: Shell
metadata: {name: ${APART}}
spec: {shellType: Agno}
`,
    model('dify-flow', { DIFY_BASE_URL: `${flow.origin}/v1`, DIFY_API_KEY: flow.key }),
  ].join('---');
}

/** A Shell of type Agno that is not the platform's own. */
const APART = 'agno-apart';

/** The Team of a mix with its Bots. */
function teamYaml({ name, mode, first, second, third, apart }: Mix): string {
  const members = [
    { member: 'ann', shell: first },
    ...(second ? [{ member: 'ben', shell: second }] : []),
    ...(third ? [{ member: 'cleo', shell: third }] : []),
  ];
  const bots = members.map(
    ({ member, shell }, index) => `
apiVersion: agent.wecode.io/v1
kind: Ghost
metadata: {name: ${name}-${member}}
spec: {systemPrompt: "Nature of ${member}."}
---
apiVersion: agent.wecode.io/v1
kind: Bot
metadata: {name: ${name}-${member}}
spec:
  ghostRef: {name: ${name}-${member}}
  shellRef: {name: ${apart && index > 0 ? APART : shell}}
  modelRef: {name: ${MODELS[shell](index)}}
`,
  );
  const isLed = mode === 'route' || mode === 'coordinate';
  const team = `
apiVersion: agent.wecode.io/v1
kind: Team
metadata: {name: ${name}}
spec:
  collaborationModel: ${mode}
  members:
${members
  .map(
    ({ member }, index) => `  - name: ${member}
    botRef: {name: ${name}-${member}}
    prompt: ${introduction(name, member)}
${isLed && index === 0 ? '    role: leader' : ''}`,
  )
  .join('\n')}
`;
  return [...bots, team].join('---');
}
