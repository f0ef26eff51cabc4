import { TeamSpec } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { agentWords } from './localise.ts';

const spec = TeamSpec.parse({
  members: [{ botRef: { name: 'assistant' } }],
  description: 'Answers questions',
  quickPrompts: ['Hello'],
});
const annotations = {
  'agent.wecode.io/display-name': 'Assistant',
  'agent.wecode.io/display-name.zh': '通用助手',
  'agent.wecode.io/description.zh': '回答问题',
  'agent.wecode.io/quick-prompts.zh': '["你好", 1]',
};

describe('agentWords', () => {
  it('speaks the language of the reader where the Team does', () => {
    expect(agentWords({ name: 'a', annotations }, spec, 'zh')).toEqual({
      displayName: '通用助手',
      description: '回答问题',
      quickPrompts: ['你好'],
    });
  });

  it('takes what the Team itself says otherwise', () => {
    const own = { displayName: 'Assistant', description: 'Answers questions', quickPrompts: ['Hello'] };
    expect(agentWords({ name: 'a', annotations }, spec, 'en')).toEqual(own);
    const broken = { 'agent.wecode.io/quick-prompts.zh': 'not json' };
    expect(agentWords({ name: 'a', annotations: broken }, spec, 'zh').quickPrompts).toEqual(['Hello']);
  });
});
