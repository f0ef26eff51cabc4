import type { ModelEndpoint, SpecShell } from '@wegent/api';

type Protocol = ModelEndpoint['protocol'];

/** A call that is let through to the model's API. */
export interface ModelCall {
  /** What is appended to the base URL, which ends in the version. */
  path: string;
  query: string;
  /** Tokens are used, and the body names a model. */
  isGeneration: boolean;
  /** The model, where the path names it. */
  model?: string;
}

/**
 * Which call of the protocol's API a request is; undefined when it is none that runs may make. Version prefixes are
 * optional, as base URLs are given with and without. Pure.
 */
export function modelCallOf(given: {
  protocol: Protocol;
  method: string;
  path: string;
  query: URLSearchParams;
}): ModelCall | undefined {
  const { protocol, method } = given;
  const path = given.path.replace(/^\/v1(beta)?(?=\/)/, '').replace(/(?<=.)\/$/, '');
  const call = CALLS[protocol].find((each) => each.methods.includes(method) && each.path.test(path));
  if (!call) return undefined;
  const kept = new URLSearchParams([...given.query].filter(([name]) => QUERY.has(name)));
  const model = call.path.exec(path)?.groups?.model;
  return {
    path,
    query: kept.size === 0 ? '' : `?${kept}`,
    isGeneration: call.isGeneration,
    ...(model === undefined ? {} : { model: decodeURIComponent(model) }),
  };
}

/** Calls that a protocol offers to runs, for messages. */
export function namesOfCalls(protocol: Protocol): string {
  return CALLS[protocol].map(({ methods, name }) => `${methods[0]} ${name}`).join(', ');
}

/** Names that a run may ask for: the Model's own and those of its smaller helpers. */
export function allowedModels({ modelId, env }: Pick<ModelEndpoint, 'modelId' | 'env'>): string[] {
  const helpers = Object.entries(env).flatMap(([name, value]) => (MODEL_VARIABLE.test(name) ? [value] : []));
  const names = [modelId, ...helpers].filter((name) => name !== '');
  // Claude Code takes the size of the window off the name.
  return [...new Set(names.flatMap((name) => [name, name.replace(/\[\w+\]$/, '')]))];
}

/**
 * Why a body is refused, or undefined. A provider that fetches pages or calls MCP servers on behalf of the run would
 * be a way around the proxy, so this takes an open network. Pure.
 */
export function problemOfBody(given: {
  body: Record<string, unknown>;
  model: unknown;
  endpoint: Pick<ModelEndpoint, 'name' | 'modelId' | 'env'>;
  network: SpecShell['network'];
}): string | undefined {
  const { body, model, endpoint, network } = given;
  const allowed = allowedModels(endpoint);
  if (typeof model !== 'string' || !allowed.includes(model)) {
    const asked = typeof model === 'string' ? `“${model.slice(0, 200)}”` : 'no model';
    return `This run may use ${allowed.map((name) => `“${name}”`).join(', ')} of the Model ${endpoint.name}, and asked for ${asked}.`;
  }
  if (body.background === true) return 'Answers in the background are not available to runs.';
  if (network === 'open') return undefined;
  const tools = Array.isArray(body.tools) ? body.tools : [];
  const remote = tools.find((tool: unknown) => REMOTE_TOOL.test(typeOf(tool)));
  if (remote !== undefined || (Array.isArray(body.mcp_servers) && body.mcp_servers.length > 0)) {
    const what = remote === undefined ? 'mcp_servers' : `tools of type ${typeOf(remote)}`;
    return `${what} let the provider call other hosts, which only a Shell with network: open may do.`;
  }
  return undefined;
}

function typeOf(tool: unknown): string {
  return typeof tool === 'object' && tool !== null && 'type' in tool ? String(tool.type) : '';
}

const REMOTE_TOOL = /^(mcp|mcp_toolset|web_fetch.*)$/;
const MODEL_VARIABLE = /^(small_model|(ANTHROPIC|OPENAI|GEMINI)_(\w+_)?MODEL|CLAUDE_CODE_SUBAGENT_MODEL)$/;
const QUERY = new Set(['beta', 'limit', 'after_id', 'before_id', 'alt', 'pageSize', 'pageToken']);

interface Call {
  name: string;
  methods: readonly string[];
  path: RegExp;
  isGeneration: boolean;
}

const MODEL_LIST: Call = {
  name: '/v1/models',
  methods: ['GET', 'HEAD'],
  path: /^\/models(\/[^/]+)?$/,
  isGeneration: false,
};

const CALLS: Record<Protocol, readonly Call[]> = {
  anthropic: [
    { name: '/v1/messages', methods: ['POST'], path: /^\/messages$/, isGeneration: true },
    {
      name: '/v1/messages/count_tokens',
      methods: ['POST'],
      path: /^\/messages\/count_tokens$/,
      isGeneration: false,
    },
    MODEL_LIST,
  ],
  'openai-chat': [
    { name: '/v1/chat/completions', methods: ['POST'], path: /^\/chat\/completions$/, isGeneration: true },
    MODEL_LIST,
  ],
  'openai-responses': [
    { name: '/v1/responses', methods: ['POST'], path: /^\/responses$/, isGeneration: true },
    MODEL_LIST,
  ],
  gemini: [
    {
      name: '/v1beta/models/{model}:generateContent',
      methods: ['POST'],
      path: /^\/models\/(?<model>[^/:]+):(generateContent|streamGenerateContent)$/,
      isGeneration: true,
    },
    {
      name: '/v1beta/models/{model}:countTokens',
      methods: ['POST'],
      path: /^\/models\/(?<model>[^/:]+):countTokens$/,
      isGeneration: false,
    },
    { ...MODEL_LIST, name: '/v1beta/models' },
  ],
};
