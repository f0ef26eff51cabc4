import type { ResourceObject } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { type AgentDocument, keyOf, placeOfKey } from './agent-document.ts';
import { type AgentDraft, draftOfTeam, findDocument } from './agent-draft.ts';
import { catalogOf, resolveIn } from './catalog.ts';
import { mismatchOf } from './compatibility.ts';
import { addDocuments } from './edit-members.ts';
import { editPart, newModel, ownShell, setPart } from './edit-parts.ts';
import { envChange, envOf, isDifyModel, nameIn, otherValues, otherValuesChange } from './model-env.ts';
import { problemsOf } from './problems.ts';

function object(
  kind: string,
  name: string,
  spec: Record<string, unknown>,
  namespace = 'ada',
): ResourceObject {
  return { apiVersion: 'agent.wecode.io/v1', kind, metadata: { name, namespace }, spec };
}

const team = object('Team', 't', { members: [{ botRef: { name: 'b' } }] });
const catalog = catalogOf([
  object('Shell', 'Chat', { shellType: 'Chat', supportModel: ['openai', 'claude'] }, 'public'),
  object('Shell', 'Dify', { shellType: 'Dify' }, 'public'),
  object('Model', 'shared', { modelConfig: { env: { model: 'openai', model_id: 'x' } } }, 'public'),
  object('Model', 'own', { modelConfig: { env: { model: 'openai', model_id: 'y', TOP_P: '1' } } }),
  object('Model', 'app', { modelConfig: { env: { DIFY_API_KEY: '********' } } }),
  object('Ghost', 'b', { systemPrompt: '' }),
  object('Bot', 'b', { ghostRef: { name: 'b' }, shellRef: { name: 'Chat' }, modelRef: { name: 'own' } }),
  team,
]);
const draft = draftOfTeam(team, catalog);
const BOT = 'Bot/ada/b';
const bot = found(draft, BOT);
const shellOf = (name: string) => part('Shell', name);
const names = ({ documents }: AgentDraft) => documents.map(keyOf);

function found(from: AgentDraft, key: string): AgentDocument {
  const document = findDocument(from, key);
  if (!document) throw new Error(`${key} is not in the draft`);
  return document;
}

function part(kind: 'Shell' | 'Model', name: string): AgentDocument {
  const document = resolveIn({ draft, catalog }, kind, { name }, 'ada');
  if (!document) throw new Error(`there is no ${kind} ${name}`);
  return document;
}

describe('the parts of a Bot', () => {
  it('leave the draft when nothing uses them any more, and come into it when they are the person’s own', () => {
    expect(names(draft)).toContain('Model/ada/own');
    const place = placeOfKey('Model/public/shared');
    const shared = setPart(draft, { bot: BOT, kind: 'Model', place, catalog });
    expect(found(shared, BOT).spec.modelRef).toEqual({ name: 'shared', namespace: 'public' });
    expect(names(shared)).toEqual(names(draft).filter((key) => key !== 'Model/ada/own'));
    const back = setPart(shared, { bot: BOT, kind: 'Model', place: placeOfKey('Model/ada/own'), catalog });
    expect(names(back)).toEqual(names(draft));
    expect(
      found(setPart(draft, { bot: BOT, kind: 'Model', place: undefined, catalog }), BOT).spec,
    ).not.toHaveProperty('modelRef');
  });

  it('are edited in place, also those that the draft only referred to', () => {
    const changed = editPart(draft, shellOf('Chat'), { network: 'open' });
    expect(found(changed, 'Shell/public/Chat').spec).toMatchObject({ shellType: 'Chat', network: 'open' });
  });

  it('can be made for one Bot alone, with a name that is free and what its Shell takes', () => {
    const model = newModel({ draft, catalog }, bot, shellOf('Chat'));
    expect(model.metadata).toMatchObject({ name: 'b', namespace: 'ada' });
    expect(envOf(model).model).toBe('claude');
    const again = newModel({ draft: addDocuments(draft, [model]), catalog }, bot, shellOf('Dify'));
    expect(again.metadata.name).toBe('b-2');
    expect(isDifyModel(again)).toBe(true);
    const shell = ownShell({ draft, catalog }, bot, shellOf('Chat'));
    expect(shell).toMatchObject({ kind: 'Shell', metadata: { name: 'b' }, spec: shellOf('Chat').spec });
  });
});

describe('Dify', () => {
  it('fits applications only, and they fit nothing else', () => {
    expect(mismatchOf(shellOf('Dify'), part('Model', 'app'))).toBeUndefined();
    expect(mismatchOf(shellOf('Dify'), part('Model', 'own'))).toEqual({
      speaks: 'openai-chat',
      takes: ['dify'],
    });
    expect(mismatchOf(shellOf('Chat'), part('Model', 'app'))).toEqual({
      speaks: 'dify',
      takes: ['openai', 'claude'],
    });
  });

  it.each([
    { env: { DIFY_API_KEY: '' }, says: ['DIFY_API_KEY required'] },
    { env: { DIFY_API_KEY: 'app-1', DIFY_PARAMS: '{"city":' }, says: ['DIFY_PARAMS badInputs'] },
    { env: { DIFY_API_KEY: 'app-1', DIFY_PARAMS: '["Bonn"]' }, says: ['DIFY_PARAMS badInputs'] },
    { env: { DIFY_API_KEY: 'app-1', DIFY_PARAMS: '{"city": "Bonn"}' }, says: [] },
    { env: { DIFY_BASE_URL: 'https://d.example', api_key: 'app-1' }, says: [] },
    { env: { model: 'openai', model_id: '' }, says: ['model_id required'] },
    { env: { OPENAI_MODEL: 'x' }, says: [] },
  ])('what a Model lacks is told: $env', ({ env, says }) => {
    const changed = editPart(draft, found(draft, 'Model/ada/own'), { modelConfig: { env } });
    const problems = problemsOf({ draft: changed, catalog, isNew: false, executors: undefined });
    const theirs = problems.filter(({ key }) => key === 'Model/ada/own');
    expect(theirs.map(({ field, code }) => `${field.split('.').at(-1)} ${code}`)).toEqual(says);
  });
});

describe('the environment of a Model', () => {
  it('is changed name by name; what has a field of its own is not among the other values', () => {
    const model = part('Model', 'own');
    const env = envOf(model);
    expect(otherValues(env)).toEqual({ TOP_P: '1' });
    const change = otherValuesChange(env, { TEMPERATURE: '0.2', model_id: 'not here' });
    expect(envOf({ spec: envChange(model, change) })).toEqual({
      model: 'openai',
      model_id: 'y',
      TEMPERATURE: '0.2',
    });
    expect(nameIn({ OPENAI_MODEL: 'x' }, ['model_id', 'OPENAI_MODEL'])).toBe('OPENAI_MODEL');
    expect(nameIn({}, ['model_id', 'OPENAI_MODEL'])).toBe('model_id');
  });
});
