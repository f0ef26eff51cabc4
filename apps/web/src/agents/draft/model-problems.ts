import { type AgentDocument, keyOf } from './agent-document.ts';
import { DIFY_NAMES, envOf, isDifyModel, MODEL_NAMES } from './model-env.ts';
import type { Problem } from './problems.ts';

/** What a Model of a draft lacks: runs with it would be refused. */
export function modelProblems(model: AgentDocument): Problem[] {
  if (model.kind !== 'Model' || (model.spec.modelType ?? 'llm') !== 'llm') return [];
  const env = envOf(model);
  const problem = (field: string, code: Problem['code']): Problem => ({
    severity: 'error',
    key: keyOf(model),
    field: `spec.modelConfig.env.${field}`,
    code,
    values: {},
  });
  const lacks = (names: readonly [string, ...string[]]) =>
    names.every((name) => env[name] === undefined || env[name] === '') ? [problem(names[0], 'required')] : [];
  if (!isDifyModel(model)) return lacks(MODEL_NAMES.modelId);
  return [
    ...lacks(DIFY_NAMES.apiKey),
    ...(isObjectText(env.DIFY_PARAMS) ? [] : [problem('DIFY_PARAMS', 'badInputs')]),
  ];
}

function isObjectText(text: unknown): boolean {
  if (text === undefined || text === '') return true;
  // A mapping in YAML is as good.
  if (typeof text !== 'string') return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
