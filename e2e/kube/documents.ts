import { stringify } from 'yaml';

const API_VERSION = 'agent.wecode.io/v1';

/** A document of the platform's own group. */
export function document(kind: string, name: string, spec: object, metadata: object = {}) {
  return { apiVersion: API_VERSION, kind, metadata: { name, ...metadata }, spec };
}

/** Documents as one YAML text. */
export function yaml(...documents: readonly object[]): string {
  return documents.map((each) => stringify(each)).join('---\n');
}

const labels = { labels: { app: 'demo' } };

/** A whole agent, all parts of it labelled. */
export function agent({ prompt = 'You review code.', tools = ['read', 'grep'] } = {}): string {
  return yaml(
    document('Ghost', 'reviewer', { systemPrompt: prompt, tools: { allow: tools } }, labels),
    document(
      'Model',
      'opus',
      {
        modelConfig: {
          env: {
            model: 'openai',
            model_id: 'demo',
            base_url: 'http://127.0.0.1:9/v1',
            api_key: 'sk-kept-secret',
          },
        },
      },
      labels,
    ),
    document(
      'Bot',
      'rev',
      { ghostRef: { name: 'reviewer' }, shellRef: { name: 'Chat' }, modelRef: { name: 'demo' } },
      labels,
    ),
    document(
      'Team',
      't1',
      {
        members: [{ name: 'a', botRef: { name: 'rev' }, role: 'leader' }],
        collaborationModel: 'solo',
        bind_mode: ['chat'],
      },
      labels,
    ),
  );
}

/** Files that the commands read, by name. */
export const FILES: Readonly<Record<string, string>> = {
  'agent.yaml': agent(),
  'agent2.yaml': agent({ prompt: 'You review code kindly.', tools: ['read'] }),
  'ghost.yaml': yaml(document('Ghost', 'plain', { systemPrompt: 'One.' })),
  'ghost2.yaml': yaml(document('Ghost', 'plain', { systemPrompt: 'Two.' })),
  'ghost-stale.yaml': yaml(document('Ghost', 'plain', { systemPrompt: 'Three.' }, { resourceVersion: '1' })),
  'ssa1.yaml': yaml(document('Ghost', 'ssa', { systemPrompt: 'Mine.' })),
  'ssa2.yaml': yaml(document('Ghost', 'ssa', { systemPrompt: 'Yours.' })),
  'generated.yaml': yaml({
    ...document('Ghost', '', { systemPrompt: 'Any.' }),
    metadata: { generateName: 'made-' },
  }),
  'unknown.yaml': yaml(document('Ghost', 'odd', { systemPrompt: 'x', bogus: 1 })),
  'invalid.yaml': yaml(document('Ghost', 'odd', { tools: { allow: 7 } })),
  'nothing.yaml': yaml({
    apiVersion: 'agent.wecode.io/v2',
    kind: 'Ghost',
    metadata: { name: 'x' },
    spec: {},
  }),
  'lonely.yaml': yaml(
    document('Bot', 'lonely', { ghostRef: { name: 'nobody' }, shellRef: { name: 'Chat' } }),
  ),
  'task.yaml': yaml(document('Task', 'job1', { prompt: 'Say hello.', teamRef: { name: 't1' } })),
  'map.yaml': yaml({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'c' } }),
  'secret.yaml': yaml({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's2' },
    stringData: { key: 'sk-never-shown' },
  }),
  'set.yaml': agent().split('---\n').slice(0, 1).join(),
  'kustomization.yaml': yaml({ resources: ['ghost2.yaml'], commonAnnotations: { from: 'kustomize' } }),
};
