import { MASK, type ResourceObject } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { keyOf, titleOf } from './agent-document.ts';
import {
  type AgentDraft,
  draftFromResources,
  draftOfTeam,
  editSpec,
  editTitle,
  membersOf,
  replaceDocument,
  resourcesFromDraft,
  teamOf,
} from './agent-draft.ts';
import { catalogOf } from './catalog.ts';
import { changesOf, NEW_SECRET } from './changes.ts';
import { mismatchOf, protocolOf } from './compatibility.ts';
import { draftFromYaml, yamlFromDraft } from './draft-yaml.ts';
import { addMember, moveMember, removeMember, setLeader } from './edit-members.ts';
import { copyDraft, renameTeam } from './names.ts';
import { changedPart, planOf } from './plan.ts';
import { problemsOf } from './problems.ts';
import { draftOfTemplate, TEMPLATE_IDS } from './templates.ts';
import { editWords, wordsOf } from './words.ts';

function object(
  kind: string,
  name: string,
  spec: Record<string, unknown>,
  namespace = 'default',
): ResourceObject {
  return {
    apiVersion: 'agent.wecode.io/v1',
    kind,
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      resourceVersion: '7',
      generation: 3,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { tier: 'gold' },
    },
    spec,
    status: { state: 'Available' },
  };
}

const chatShell = object(
  'Shell',
  'Chat',
  { shellType: 'Chat', supportModel: ['openai', 'claude', 'gemini'] },
  'public',
);
const codeShell = object(
  'Shell',
  'ClaudeCode',
  { shellType: 'ClaudeCode', supportModel: ['claude'] },
  'public',
);
const demo = object(
  'Model',
  'demo',
  { modelConfig: { env: { model: 'openai', model_id: 'demo' } } },
  'public',
);
const own = object('Model', 'own', {
  modelConfig: { env: { model: 'claude', model_id: 'opus', api_key: MASK, X_NEW: 'kept' } },
});
const ghost = object('Ghost', 'g', {
  systemPrompt: 'Be brief.\nBe kind.',
  mcpServers: { db: { type: 'http', url: 'https://db.example', headers: { Authorization: MASK } } },
  futureField: { deep: [1, { two: true }] },
});
const botA = object('Bot', 'a', {
  ghostRef: { name: 'g' },
  shellRef: { name: 'Chat', namespace: 'public' },
  modelRef: { name: 'own' },
});
const botB = object('Bot', 'b', {
  ghostRef: { name: 'g' },
  shellRef: { name: 'ClaudeCode' },
  modelRef: { name: 'demo' },
});
const team = object('Team', 't', {
  collaborationModel: 'pipeline',
  members: [
    { name: 'first', botRef: { name: 'a' }, requireConfirmation: true },
    { name: 'second', botRef: { name: 'b' } },
  ],
  expose: { openai: true },
});
const catalog = catalogOf([chatShell, codeShell, demo, own, ghost, botA, botB, team]);
const draft = draftOfTeam(team, catalog);
const names = ({ documents }: AgentDraft) =>
  documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

function problemCodes(changed: AgentDraft, isNew = false) {
  return problemsOf({ draft: changed, catalog, isNew, executors: undefined }).map(
    ({ severity, code, field }) => [severity, code, field],
  );
}

describe('a draft', () => {
  it('holds the Team with its own parts, and only refers to what is shared', () => {
    expect(names(draft)).toEqual(['Team t', 'Bot a', 'Bot b', 'Ghost g', 'Model own']);
  });

  it('goes to resources and back with every field that it does not know, and without what is the server’s', () => {
    const stored = new Map(
      [...catalog.objects].filter(([key]) => draft.documents.some((d) => keyOf(d) === key)),
    );
    const resources = resourcesFromDraft(draft, stored);
    expect(resources.map(({ kind }) => kind)).toEqual(['Model', 'Ghost', 'Bot', 'Bot', 'Team']);
    for (const resource of resources) {
      expect(resource.metadata.resourceVersion).toBe('7');
      expect(resource.metadata).not.toHaveProperty('uid');
      expect(resource).not.toHaveProperty('status');
    }
    expect(resources[1]?.spec).toEqual(ghost.spec);
    expect(new Set(draftFromResources(resources).documents)).toEqual(new Set(draft.documents));
    expect(resourcesFromDraft(draft)[0]?.metadata).not.toHaveProperty('resourceVersion');
  });

  it('goes to YAML and back unchanged, secrets as masks', () => {
    const text = yamlFromDraft(draft);
    expect(text).toContain('systemPrompt: |-\n    Be brief.\n    Be kind.');
    expect(text).toContain(`api_key: "${MASK}"`);
    const read = draftFromYaml(text, 'elsewhere');
    expect(read.problems).toEqual([]);
    expect(read.draft).toEqual(draft);
  });

  it.each(TEMPLATE_IDS)('from the template %s goes both ways too and has nothing wrong', (id) => {
    const words = { title: 'T', description: 'D', quickPrompts: ['q: "x"'], members: {} };
    const made = draftOfTemplate(id, { words, namespace: 'default', catalog });
    expect(draftFromYaml(yamlFromDraft(made), 'default').draft).toEqual(made);
    expect(draftFromResources(resourcesFromDraft(made).reverse())).toEqual(made);
    expect(problemCodes(made, true)).toEqual([]);
  });

  it('edits fields and titles without touching what is beside them', () => {
    const key = keyOf(teamOf(draft) ?? fail());
    const edited = editTitle(editSpec(draft, key, { icon: '🙂', description: undefined }), key, 'Name');
    const { spec, metadata } = teamOf(edited) ?? fail();
    expect(spec).toMatchObject({ icon: '🙂', expose: { openai: true } });
    expect(metadata.labels).toEqual({ tier: 'gold' });
    // Applying a document takes no annotation away, so an empty one says that there is no display name.
    expect(titleOf(editTitle(edited, key, '').documents[0] ?? fail())).toBe('t');
  });
});

describe('words', () => {
  it('are read and changed in the language that has them', () => {
    const key = 'Team/default/t';
    const annotations = {
      'agent.wecode.io/display-name.zh': '小组',
      'agent.wecode.io/quick-prompts.zh': '["你好"]',
    };
    const base = teamOf(draft) ?? fail();
    const both = replaceDocument(draft, key, { ...base, metadata: { ...base.metadata, annotations } });
    const changed = editWords(both, key, {
      language: 'zh',
      title: '新',
      description: 'D',
      quickPrompts: ['a', 'b'],
    });
    const team = teamOf(changed) ?? fail();
    expect(wordsOf(team, 'zh')).toEqual({ title: '新', description: 'D', quickPrompts: ['a', 'b'] });
    expect(wordsOf(team, 'en')).toEqual({ title: 't', description: 'D', quickPrompts: [] });
  });
});

describe('YAML that is no agent', () => {
  it.each([
    ['kind: Team\nspec: {a: [1', 2, /./],
    ['kind: Team\nkind: Team\nmetadata: {name: a}', 2, /twice/],
    ['- a', 1, /expected a mapping/],
    ['kind: Task\nmetadata:\n  name: x', 1, /no part of kind Task/],
    ['kind: Team\nmetadata: {}', 2, /metadata.name is missing/],
    ['kind: Bot\nmetadata: {name: x}', 1, /no Team/],
    ['kind: Team\nmetadata: {name: x}\n---\nkind: Team\nmetadata: {name: y}', 4, /one Team/],
    ['kind: Team\nmetadata: {name: x}\n---\nkind: Team\nmetadata: {name: x}', 5, /twice/],
    ['kind: Team\nspec: text\nmetadata: {name: x}', 2, /spec has to be/],
    [`a: &a [x]\nb: [${'*a,'.repeat(100)}]\nkind: Team`, 1, /alias/i],
  ])('%j is told on line %i', (text, line, message) => {
    const { draft: read, problems } = draftFromYaml(text, 'default');
    expect(read).toBeUndefined();
    expect(problems[0]).toMatchObject({ line, message: expect.stringMatching(message) });
  });

  it('is found by the field of a document', () => {
    const text = yamlFromDraft(draft);
    const { locate } = draftFromYaml(text, 'default');
    const at = (key: string, field: string) => {
      const { from, to } = locate(key, field);
      return text.slice(from, to);
    };
    expect(at('Team/default/t', 'spec.members[1].botRef')).toBe('botRef');
    expect(at('Team/default/t', 'spec.members[1].botRef.name')).toBe('b');
    expect(at('Ghost/default/g', 'spec.nothing.here')).toBe('spec');
    expect(at('Ghost/default/none', 'spec')).toBe('');
  });
});

describe('members', () => {
  it('move, lead and leave; parts that nobody uses any more leave with them', () => {
    expect(membersOf(moveMember(draft, 0, 1)).map(({ name }) => name)).toEqual(['second', 'first']);
    const led = setLeader(setLeader(draft, 0, true), 1, true);
    expect(membersOf(led).map(({ role }) => role)).toEqual(['member', 'leader']);
    expect(names(removeMember(draft, 1))).toEqual(['Team t', 'Bot a', 'Ghost g', 'Model own']);
    expect(membersOf(addMember(draft, { namespace: 'public', name: 'first' }, catalog)).at(-1)).toEqual({
      name: 'first-2',
      botRef: { name: 'first', namespace: 'public' },
    });
  });

  it('follow when an agent is renamed or copied', () => {
    const words = { title: 'T', description: 'D', quickPrompts: [], members: {} };
    const made = draftOfTemplate('pipeline', { words, namespace: 'default', catalog });
    const renamed = renameTeam({ draft: made, catalog }, 'duo', () => false);
    expect(names(renamed)).toEqual([
      'Team duo',
      'Bot duo-writer',
      'Bot duo-checker',
      'Ghost duo-writer',
      'Ghost duo-checker',
    ]);
    expect(problemCodes(renamed, true)).toEqual([]);

    const copy = copyDraft({ draft, catalog }, 'mei');
    expect(copy.documents.every(({ metadata }) => metadata.namespace === 'mei')).toBe(true);
    expect(membersOf(copy)[0]?.botRef).toEqual({ name: 'a' });
    expect(copy.documents[2]?.spec.shellRef).toEqual({ name: 'ClaudeCode', namespace: 'public' });
    expect(names(copyDraft({ draft, catalog }, 'default'))).toContain('Ghost g-2');
  });
});

describe('problems', () => {
  const teamKey = 'Team/default/t';
  it('names a Model that does not fit, at the Bot', () => {
    expect(problemCodes(draft)).toEqual([
      ['warning', 'text', 'spec.futureField'],
      ['error', 'mismatch', 'spec.modelRef'],
    ]);
  });

  it.each([
    [{ members: [] }, 'noMembers', 'spec.members'],
    [{ members: [{ botRef: { name: 'nobody' } }] }, 'missing', 'spec.members[0].botRef'],
    [
      { members: [{ botRef: { name: 'a' } }, { botRef: { name: 'a' } }] },
      'twiceMember',
      'spec.members[1].name',
    ],
    [
      {
        members: [
          { name: 'x', role: 'leader', botRef: { name: 'a' } },
          { name: 'y', role: 'leader', botRef: { name: 'a' } },
        ],
      },
      'twoLeaders',
      'spec.members',
    ],
    [{ collaborationModel: 'dance' }, 'text', 'spec.collaborationModel'],
    [{ icon: 7 }, 'text', 'spec.icon'],
  ])('%j is %s', (change, code, field) => {
    expect(problemCodes(editSpec(draft, teamKey, change))).toContainEqual(['error', code, field]);
  });

  it('asks for secrets that a copy does not have', () => {
    const lost = problemCodes(copyDraft({ draft, catalog }, 'mei')).filter(
      ([, code]) => code === 'secretLost',
    );
    expect(lost).toEqual([
      ['error', 'secretLost', 'spec.mcpServers.db.headers.Authorization'],
      ['error', 'secretLost', 'spec.modelConfig.env.api_key'],
    ]);
  });

  it('does not let a new agent take the place of another', () => {
    expect(problemCodes(draft, true)).toContainEqual(['error', 'nameTaken', 'metadata.name']);
  });
});

describe('which Models fit', () => {
  it.each([
    [{ model: 'claude' }, 'anthropic'],
    [{ model: 'openai-responses' }, 'openai-responses'],
    [{ ANTHROPIC_MODEL: 'x' }, 'anthropic'],
    [{ model_id: 'gemini-2.5-pro' }, 'gemini'],
    [{ model_id: 'x' }, 'openai-chat'],
  ])('%j speaks %s', (env, protocol) => {
    expect(protocolOf({ spec: { modelConfig: { env } } })).toBe(protocol);
  });

  it('follows the Shell, and Claude Code where its Shell says nothing', () => {
    const shell = (spec: Record<string, unknown>) => ({
      ...(draft.documents[0] ?? fail()),
      kind: 'Shell' as const,
      spec,
    });
    const model = {
      ...(draft.documents[0] ?? fail()),
      spec: { modelConfig: { env: { model: 'openai-responses' } } },
    };
    expect(mismatchOf(shell({ shellType: 'Chat', supportModel: ['openai'] }), model)).toBeUndefined();
    expect(mismatchOf(shell({ shellType: 'Chat' }), model)).toBeUndefined();
    expect(mismatchOf(shell({ shellType: 'ClaudeCode' }), model)).toEqual({
      speaks: 'openai-responses',
      takes: ['claude'],
    });
  });
});

describe('the plan', () => {
  const stored = new Map(
    [...catalog.objects].filter(([key]) => draft.documents.some((d) => keyOf(d) === key)),
  );

  it('is empty for a draft that nobody touched', () => {
    const plan = planOf({ draft, catalog }, stored);
    expect(plan.steps.map(({ action }) => action)).toEqual(['same', 'same', 'same', 'same', 'same']);
    expect(changedPart(plan).documents).toEqual([]);
  });

  it('names each field with what it was and will be, and who else uses it', () => {
    const other = object('Team', 'other', { members: [{ botRef: { name: 'a' } }] });
    const wide = catalogOf([...catalog.objects.values(), other]);
    const edited = editSpec(draft, 'Bot/default/a', { modelRef: { name: 'demo', namespace: 'public' } });
    const step = planOf({ draft: edited, catalog: wide }, stored).steps[1];
    expect(step).toMatchObject({ action: 'change', users: ['Team default/other'] });
    expect(step?.changes).toEqual([
      { field: 'spec.modelRef.name', before: 'own', after: 'demo' },
      { field: 'spec.modelRef.namespace', after: 'public' },
    ]);
    const left = planOf({ draft: removeMember(draft, 1), catalog }, stored);
    expect(left.left).toEqual(['Bot/default/b']);
  });

  it('never shows a secret', () => {
    const before = draft.documents[3] ?? fail();
    const mcpServers = {
      db: { type: 'http', url: 'https://db.example', headers: { Authorization: 'Bearer 4711' } },
    };
    const changes = changesOf(before, { ...before, spec: { ...before.spec, mcpServers } });
    expect(changes).toEqual([
      { field: 'spec.mcpServers.db.headers.Authorization', before: MASK, after: NEW_SECRET },
    ]);
  });
});

function fail(): never {
  throw new Error('a document is missing');
}
