import { expect, it } from 'vitest';
import { baseUrlOf } from './base-url.ts';

it.each([
  ['openai-chat', undefined, 'https://api.openai.com/v1'],
  ['openai-chat', 'http://localhost:11434', 'http://localhost:11434/v1'],
  ['openai-chat', 'https://openrouter.ai/api/v1/', 'https://openrouter.ai/api/v1'],
  ['openai-chat', 'https://host/v1/chat/completions', 'https://host/v1'],
  ['openai-chat', 'https://open.bigmodel.cn/api/paas/v4', 'https://open.bigmodel.cn/api/paas/v4'],
  ['openai-responses', 'https://host', 'https://host/v1'],
  ['anthropic', 'https://api.anthropic.com', 'https://api.anthropic.com/v1'],
  ['anthropic', 'https://api.anthropic.com/v1/messages', 'https://api.anthropic.com/v1'],
  ['anthropic', 'https://host/api/anthropic', 'https://host/api/anthropic/v1'],
  [
    'gemini',
    ' https://generativelanguage.googleapis.com/ ',
    'https://generativelanguage.googleapis.com/v1beta',
  ],
  ['openai-chat', 'localhost:11434', undefined],
  ['openai-chat', 'ftp://host', undefined],
  ['openai-chat', 'https://user:password@host/v1', undefined],
] as const)('%s %s → %s', (protocol, baseUrl, expected) => {
  expect(baseUrlOf({ protocol, ...(baseUrl === undefined ? {} : { baseUrl }) })).toBe(expected);
});
