import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeWith, temporaryFolder } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKubeServer } from '../support/kube-server.ts';
import { createKubectl, type Kubectl, type KubectlOptions } from '../support/kubectl.ts';
import { newPerson, withApiKey } from '../support/person.ts';
import { FILES } from './documents.ts';

/** A command, what it has to print, and how it has to end; `soon` where a controller writes what it prints. */
type Check = [
  name: string,
  command: string,
  expected: RegExp,
  options?: KubectlOptions & { code?: number; soon?: boolean },
];

/** The commands of a day, in an order in which each finds what it needs. */
const CHECKS: readonly Check[] = [
  ['version', 'version', /Server Version: v1\.\d+\.\d+\+wegent/],
  ['api-resources', 'api-resources', /bots +agent\.wecode\.io\/v1 +true +Bot/],
  ['api-versions', 'api-versions', /agent\.wecode\.io\/v1\n.*authentication\.k8s\.io\/v1/s],
  ['explain', 'explain bot.spec', /ghostRef\s+<Object> -required-/],
  ['explain --recursive', 'explain team --recursive', /collaborationModel\s+<string>/],
  ['explain of a core kind', 'explain configmap.data', /Text by key/],
  [
    'explain by OpenAPI v2',
    'explain ghost.spec --output=plaintext-openapiv2',
    /systemPrompt\s+<string> -required-/,
  ],
  ['get, nothing there', 'get ghosts', /No resources found in \S+ namespace/],
  ['get, no such object', 'get ghost nope', /ghosts\.agent\.wecode\.io "nope" not found/, { code: 1 }],
  ['get, no such kind', 'get gadgets', /doesn't have a resource type "gadgets"/, { code: 1 }],
  ['apply, server dry run of nothing', 'apply -f agent.yaml --dry-run=client', /created \(dry run\)/],
  [
    'apply',
    'apply -f agent.yaml',
    /ghost\S+reviewer created\nmodel\S+opus created\nbot\S+rev created\nteam\S+t1 created/,
  ],
  ['apply again', 'apply -f set.yaml', /reviewer unchanged/],
  ['diff of the same', 'diff -f set.yaml', /^$/],
  ['diff', 'diff -f agent2.yaml', /\+ {2}systemPrompt: You review code kindly\./, { code: 1 }],
  [
    'apply --dry-run=server',
    'apply -f agent2.yaml --dry-run=server',
    /reviewer configured \(server dry run\)/,
  ],
  ['nothing was written', 'get ghost reviewer -o jsonpath={.spec.systemPrompt}', /^You review code\.$/],
  ['apply a change', 'apply -f agent2.yaml', /reviewer configured/],
  ['get', 'get gh', /NAME +MCP +SKILLS +AGE\nreviewer +0 +0 +\d+s/],
  ['get several kinds', 'get gh,bots,teams', /ghost\S+reviewer.*bot\S+rev.*team\S+t1/s],
  ['get all', 'get all', /bot\S+rev/],
  ['get a category everywhere', 'get agents -A', /public +shell\S+Chat/],
  ['get -o yaml', 'get gh reviewer -o yaml', /systemPrompt: You review code kindly\./],
  ['get -o json', 'get gh reviewer -o json', /"kind": "Ghost"/],
  ['get -o name', 'get gh -o name', /^ghost\.agent\.wecode\.io\/reviewer$/m],
  ['get -o jsonpath', 'get gh reviewer -o jsonpath={.metadata.labels.app}', /^demo$/],
  [
    'get -o custom-columns',
    'get gh -o custom-columns=N:.metadata.name,P:.spec.systemPrompt',
    /reviewer +You review/,
  ],
  ['get -o wide', 'get teams -o wide', /t1 +solo/],
  ['get --show-labels', 'get gh --show-labels', /app=demo/],
  ['get -l', 'get gh -l app=demo', /reviewer/],
  ['get -l that fits nothing', 'get gh -l app=other', /No resources found/],
  ['get -l with a set', ['get', 'gh', '-l', 'app in (demo,x),!nope'].join('\0'), /reviewer/],
  ['get --field-selector', 'get gh --field-selector=metadata.name=reviewer', /reviewer/],
  [
    'a field that is not selectable',
    'get gh --field-selector=spec.x=1',
    /field "spec\.x" is not supported/,
    { code: 1 },
  ],
  ['get --sort-by', 'get bots -A --sort-by=.metadata.name', /assistant.*coder.*rev/s],
  ['get --chunk-size', 'get shells -A --chunk-size=1', /Agno.*Chat.*ClaudeCode.*Dify/s],
  ['get --subresource', 'get gh reviewer --subresource=status -o jsonpath={.status.state}', /^Available$/],
  ['get --raw', 'get --raw /apis/agent.wecode.io/v1', /"APIResourceList"/],
  ['a secret is not read back', 'get model opus -o yaml', /api_key: '\*{8}'/],
  ['describe', 'describe gh reviewer', /System Prompt: +You review code kindly/],
  ['describe a namespace', 'describe ns default', /Status: +Active/],
  [
    'wait for a condition',
    'wait --for=condition=Ready bot/rev team/t1 --timeout=10s',
    /bot\S+rev condition met\nteam\S+t1 condition met/,
  ],
  [
    'a missing reference',
    'apply -f lonely.yaml',
    /spec\.ghostRef\.name|ghost "nobody" not found/,
    { code: 1 },
  ],
  ['create', 'create -f ghost.yaml', /plain created/],
  ['create twice', 'create -f ghost.yaml', /AlreadyExists/, { code: 1 }],
  ['generateName', 'create -f generated.yaml', /made-\w+ created/],
  ['replace', 'replace -f ghost2.yaml', /plain replaced/],
  ['replace what is stale', 'replace -f ghost-stale.yaml', /Conflict|has been modified/, { code: 1 }],
  ['replace --force', 'replace --force -f ghost.yaml', /plain replaced/],
  [
    'patch, merge',
    ['patch', 'gh', 'plain', '--type=merge', '-p', '{"spec":{"systemPrompt":"m"}}'].join('\0'),
    /patched/,
  ],
  [
    'patch, JSON',
    [
      'patch',
      'gh',
      'plain',
      '--type=json',
      '-p',
      '[{"op":"test","path":"/spec/systemPrompt","value":"m"},{"op":"replace","path":"/spec/systemPrompt","value":"j"}]',
    ].join('\0'),
    /patched/,
  ],
  [
    'a test that fails',
    [
      'patch',
      'gh',
      'plain',
      '--type=json',
      '-p',
      '[{"op":"test","path":"/spec/systemPrompt","value":"m"}]',
    ].join('\0'),
    /invalid|cannot be applied/i,
    { code: 1 },
  ],
  [
    'patch, strategic',
    ['patch', 'bot', 'rev', '-p', '{"metadata":{"annotations":{"patched":"strategic"}}}'].join('\0'),
    /patched/,
  ],
  ['label', 'label gh plain z=1', /labeled/],
  ['label --all', 'label gh --all y=2', /plain labeled/],
  ['label that is wrong', ['label', 'gh', 'plain', 'z=b c'].join('\0'), /label/, { code: 1 }],
  ['annotate', 'annotate gh plain z=1', /annotated?/],
  [
    'edit',
    'edit gh plain',
    /edited/,
    { env: { KUBE_EDITOR: 'sed -i s/systemPrompt:.*/systemPrompt:\\ edited/' } },
  ],
  ['what was edited', 'get gh plain -o jsonpath={.spec.systemPrompt}', /^edited$/],
  ['an unknown field', 'create -f unknown.yaml', /unknown field "spec\.bogus"/, { code: 1 }],
  [
    'an unknown field, warned of',
    'create -f unknown.yaml --validate=warn --dry-run=server',
    /Warning: .*spec\.bogus.*\n.*created/s,
  ],
  [
    'all that is wrong',
    'create -f invalid.yaml --validate=false',
    /is invalid.*systemPrompt.*tools\.allow|is invalid.*tools\.allow.*systemPrompt/s,
    { code: 1 },
  ],
  [
    'a version that is not there',
    'apply -f nothing.yaml',
    /no matches for kind "Ghost" in version/,
    { code: 1 },
  ],
  ['apply --server-side', 'apply --server-side -f ssa1.yaml', /ssa serverside-applied/],
  [
    'a conflict of managers',
    'apply --server-side -f ssa2.yaml --field-manager=other',
    /conflict with "kubectl": \.spec\.systemPrompt/,
    { code: 1 },
  ],
  [
    'a dry run of it',
    'apply --server-side --dry-run=server -f ssa2.yaml --field-manager=other --force-conflicts',
    /serverside-applied \(server dry run\)/,
  ],
  [
    '--force-conflicts',
    'apply --server-side -f ssa2.yaml --field-manager=other --force-conflicts',
    /serverside-applied/,
  ],
  [
    'its owner',
    'get gh ssa -o yaml --show-managed-fields',
    /f:systemPrompt: \{\}\n(?: {4}.*\n)* {4}manager: other\n/,
  ],
  [
    'diff --server-side',
    'diff --server-side -f ssa1.yaml --force-conflicts',
    /\+ {2}systemPrompt: Mine\./,
    { code: 1 },
  ],
  [
    'from client-side to server-side apply',
    'apply --server-side -f agent2.yaml',
    /reviewer serverside-applied.*opus serverside-applied.*t1 serverside-applied/s,
  ],
  ['apply -k', 'apply -k .', /plain configured/],
  ['create namespace', 'create ns crew', /namespace\/crew created/],
  ['apply into it', 'apply -n crew -f agent.yaml', /rev created/],
  ['into one that is not there', 'apply -n nowhere -f ghost.yaml', /nowhere/, { code: 1 }],
  ['get ns', 'get ns', /crew +Active/],
  ['delete namespace', 'delete ns crew --timeout=30s', /namespace "crew" deleted/],
  ['it is empty and gone', 'get ns crew', /"crew" not found/, { code: 1 }],
  ['what stays', 'delete ns public', /forbidden/i, { code: 1 }],
  ['create configmap', 'create configmap c --from-literal=a=b', /configmap\/c created/],
  ['apply of a built-in', 'apply -f map.yaml', /configmap\/c configured/],
  ['create secret', 'create secret generic s --from-literal=key=sk-never-shown', /secret\/s created/],
  ['apply a secret', 'apply -f secret.yaml', /secret\/s2 created/],
  [
    'secrets are not read back',
    'get secrets -o yaml',
    /^(?![\s\S]*never)(?![\s\S]*c2stbmV2ZXI)[\s\S]*key: KioqKioqKio=/,
  ],
  ['describe secret', 'describe secret s', /key: +8 bytes/],
  ['auth whoami', 'auth whoami', /Username +admin/],
  ['auth can-i', 'auth can-i create bots', /^yes/],
  ['auth can-i, not here', 'auth can-i create bots -n somewhere', /^no/, { code: 1 }],
  ['auth can-i --list', 'auth can-i --list', /bots\.agent\.wecode\.io/],
  ['auth can-i with a subresource', 'auth can-i create pods --subresource=exec', /^yes/],
  ['auth can-i of a scale', 'auth can-i update teams --subresource=scale', /^yes/],
  ['explain what scale changes', 'explain team.spec.limits.turns', /run at once, over all Tasks/],
  ['scale', 'scale team t1 --replicas=2', /team\S+t1 scaled/],
  [
    'get --subresource=scale',
    'get team t1 --subresource=scale',
    /NAME +DESIRED +AVAILABLE +AGE\nt1 +2 +0 +\d+/,
  ],
  ['what it wrote', 'get team t1 -o jsonpath={.spec.limits.turns}', /^2$/],
  ['who did', 'get team t1 -o yaml --show-managed-fields', /manager: kubectl\n.*\n? *subresource: scale/],
  ['scale --dry-run=server', 'scale team t1 --replicas=9 --dry-run=server', /t1 scaled \(server dry run\)/],
  [
    '--current-replicas that are others',
    'scale team t1 --current-replicas=5 --replicas=3',
    /Expected replicas to be 5, was 2/,
    { code: 1 },
  ],
  [
    'scale of a version that is gone',
    'scale team t1 --resource-version=1 --replicas=3',
    /Expected resource version to be 1/,
    { code: 1 },
  ],
  [
    'scale beyond what is possible',
    'scale team t1 --replicas=5000',
    /The Scale "t1" is invalid: spec\.replicas: Invalid value/,
    { code: 1 },
  ],
  ['scale of what has none', 'scale ghost reviewer --replicas=1', /could not find|not found/i, { code: 1 }],
  [
    'patch --subresource=scale',
    ['patch', 'team', 't1', '--subresource=scale', '--type=merge', '-p', '{"spec":{"replicas":3}}'].join(
      '\0',
    ),
    /t1 patched/,
  ],
  ['a Team is held', 'scale team t1 --current-replicas=3 --replicas=0', /t1 scaled/],
  ['nobody acts as somebody else', 'get gh --as=bob', /impersonation/, { code: 1 }],
  ['a Task', 'apply -f task.yaml', /task\S+job1 created/],
  ['it waits', 'get task job1 -o jsonpath={.status.phase}', /^Pending$/],
  ['until the Team may run turns', 'scale teams/t1 --replicas=1', /t1 scaled/],
  [
    'wait for its end',
    'wait --for=jsonpath={.status.phase}=Completed task/job1 --timeout=30s',
    /condition met/,
  ],
  ['its log', 'logs job1', /--- rev \(Chat.*simulator.*--- completed/s],
  ['its log, followed', 'logs -f job1', /--- completed/],
  ['the last line', 'logs job1 --tail=1', /^--- completed\n$/],
  ['with times', 'logs job1 --timestamps --tail=1', /^\d{4}-\d\d-\d\dT\S+Z --- completed/],
  ['logs by label', 'logs -l task=job1 --tail=-1', /simulator/],
  ['pods', 'get pods', /job1 +0\/1 +Completed/],
  ['pods are read only', 'delete pod job1', /a Pod is a view of a Task.*kubectl delete task/, { code: 1 }],
  ['events', 'get events', /Normal +Completed +task\/job1/, { soon: true }],
  ['events of a Task', 'events --for task/job1', /Started/, { soon: true }],
  ['what describe adds', 'describe task job1', /Events:.*Scheduled.*Completed/s, { soon: true }],
  [
    'a Task that ran does not change',
    ['patch', 'task', 'job1', '--type=merge', '-p', '{"spec":{"prompt":"other"}}'].join('\0'),
    /spec\.prompt: field is immutable/,
    { code: 1 },
  ],
  [
    'a condition of a controller',
    [
      'patch',
      'task',
      'job1',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"conditions":[{"type":"Reviewed","status":"True","reason":"ByHand","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}',
    ].join('\0'),
    /patched/,
  ],
  ['wait for it', 'wait --for=condition=Reviewed task/job1 --timeout=10s', /condition met/],
  [
    'the platform keeps its status',
    [
      'patch',
      'task',
      'job1',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"phase":"Pending"}}',
    ].join('\0'),
    /platform writes this field/,
    { code: 1 },
  ],
  ['watch', 'get gh -w', /reviewer/, { until: /reviewer/ }],
  [
    'watch as events',
    'get gh -w -o json --output-watch-events',
    /"type":"ADDED".*"name":"reviewer"/,
    { until: /"name":"reviewer"/ },
  ],
  ['delete --dry-run=server', 'delete gh plain --dry-run=server', /deleted \(server dry run\)/],
  ['delete', 'delete gh plain', /"plain" deleted/],
  ['delete -l', 'delete gh -l y=2', /made-\w+" deleted/],
  ['delete what is in the way', 'delete task job1', /"job1" deleted/],
  ['delete --all', 'delete configmaps --all', /"c" deleted/],
  [
    'prune',
    'apply -f set.yaml --prune -l app=demo --prune-allowlist=agent.wecode.io/v1/Model',
    /opus pruned/,
  ],
  ['delete -f', 'delete -f set.yaml --ignore-not-found', /reviewer" deleted/],
];

describeWith(['kubectl'], 'kubectl drives the platform', () => {
  let resources: AsyncDisposableStack;
  let url: string;
  let kubectl: Kubectl;
  let bob: Kubectl;

  beforeAll(async () => {
    resources = new AsyncDisposableStack();
    const { server, admin, cluster } = resources.use(await startKubeServer());
    url = server.url;
    const folder = resources.use(await temporaryFolder());
    const person = await withApiKey(url, await newPerson(url, admin, 'bob'));
    kubectl = await createKubectl({
      ...cluster,
      folder: path.join(folder.path, 'admin'),
      token: admin.token,
      namespace: 'default',
    });
    bob = await createKubectl({
      ...cluster,
      folder: path.join(folder.path, 'bob'),
      token: person.token,
      namespace: 'bob',
    });
    for (const [name, text] of Object.entries(FILES)) {
      for (const place of ['admin', 'bob']) {
        await mkdir(path.join(folder.path, place), { recursive: true });
        await writeFile(path.join(folder.path, place, name), text);
      }
    }
  });
  afterAll(() => resources?.disposeAsync());

  describe('command by command', () => {
    test.each(CHECKS)('%s', async (_name, command, expected, { code = 0, soon, ...options } = {}) => {
      const args = command.includes('\0') ? command.split('\0') : command.split(' ');
      if (soon) await expect.poll(async () => (await kubectl(args, options)).output).toMatch(expected);
      const result = await kubectl(args, options);
      expect(result.output).toMatch(expected);
      if (!options.until) expect(result.code, result.output).toBe(code);
    });
  });

  test('somebody else sees and touches nothing of it', async () => {
    await kubectl(['apply', '-f', 'agent.yaml']);
    expect((await bob(['get', 'gh', '-n', 'default'])).output).toMatch(/forbidden/i);
    expect((await bob(['get', 'gh', 'reviewer', '-n', 'default'])).output).toMatch(/not found/);
    expect((await bob(['scale', 'team', 't1', '--replicas=1', '-n', 'default'])).output).toMatch(
      /not found|no objects passed/,
    );
    expect((await bob(['get', 'gh', '-A'])).output).not.toMatch(/^default/m);
    expect((await bob(['apply', '-n', 'default', '-f', 'ghost.yaml'])).output).toMatch(
      /forbidden|not found/i,
    );
    expect((await bob(['auth', 'can-i', 'list', 'ghosts', '-n', 'default'])).output).toMatch(/^no/);
    expect((await bob(['auth', 'can-i', 'list', 'ghosts'])).output).toMatch(/^yes/);
    await kubectl(['apply', '-f', 'task.yaml']);
    for (const args of [
      ['logs', 'job1'],
      ['get', 'pod', 'job1'],
      ['exec', 'job1', '--', 'id'],
    ])
      expect((await bob([...args, '-n', 'default'])).output, args.join(' ')).toMatch(/not found/);
  });

  test('a token over plain HTTP, a wrong token and no trust are refused', async () => {
    const answer = await fetch(`${url}/apis/agent.wecode.io/v1`, {
      headers: { authorization: 'Bearer wg_wrong' },
    });
    expect(answer.status).toBe(401);
    const untrusted = await kubectl(['get', 'gh', '--token=wg_wrong']);
    expect(untrusted.output).toMatch(/Unauthorized|must be logged in|not valid/);
  });
});
