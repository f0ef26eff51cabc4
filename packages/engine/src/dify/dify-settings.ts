import { type ExecutionSpec, isDifyApplication, type ModelEndpoint } from '@wegent/api';
import { RunFailure } from '../run-failure.ts';

/** Where the application is, who asks, and what it is given; from the Model of a Bot. */
export interface DifySettings {
  endpoint: ModelEndpoint;
  /** Ends in /v1 or whatever version it has, without a slash. */
  baseUrl: string;
  apiKey: string;
  headers: Record<string, string>;
  /** DIFY_PARAMS: values of the application's input form. */
  params: Record<string, unknown>;
}

const CLOUD = 'https://api.dify.ai/v1';

/** Reads the settings, or throws a RunFailure that names the field that is wrong. */
export function difySettings(endpoint: ModelEndpoint): DifySettings {
  const { env, headers, name } = endpoint;
  const apiKey = (env.DIFY_API_KEY ?? endpoint.apiKey ?? '').trim();
  if (!isDifyApplication(endpoint))
    throw unusable(
      `The Model “${name}” is no Dify application. Give DIFY_API_KEY and DIFY_BASE_URL in its environment, or choose another Model.`,
    );
  if (apiKey === '')
    throw unusable(
      `The Model “${name}” has no DIFY_API_KEY. Copy the key of the application from “API Access” in Dify.`,
    );
  if (apiKey.startsWith('dataset-'))
    throw unusable(
      `DIFY_API_KEY of “${name}” is a key of a knowledge base. Take that of an application, which begins with “app-”.`,
    );
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw unusable(`DIFY_API_KEY of “${name}” has characters that no key has. Copy it again from Dify.`);
  const baseUrl = difyBaseUrl(env.DIFY_BASE_URL ?? endpoint.baseUrl);
  if (baseUrl === undefined)
    throw unusable(
      `DIFY_BASE_URL of “${name}” is not usable. Give it as http:// or https://, without user name and password, such as ${CLOUD}.`,
    );
  const { authorization: _authorization, ...rest } = Object.fromEntries(
    Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]),
  );
  return { endpoint, baseUrl, apiKey, headers: rest, params: paramsOf(env.DIFY_PARAMS, name) };
}

/** The Model of a run, or a RunFailure when there is none. */
export function requireModel({ model, bot }: ExecutionSpec): ModelEndpoint {
  if (model) return model;
  throw unusable(
    `The Bot “${bot.name}” has no Model. Make one with DIFY_API_KEY and DIFY_BASE_URL and choose it in the Bot.`,
  );
}

/** The address of the API with its version: people give it with and without `/v1`, or with a call behind it. */
export function difyBaseUrl(given: string | undefined): string | undefined {
  if (given === undefined || given.trim() === '') return CLOUD;
  const url = URL.parse(given.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return undefined;
  const path = url.pathname.replace(CALL_PATH, '').replace(/\/+$/, '');
  return `${url.origin}${path}${/\/v\d+$/.test(path) ? '' : '/v1'}`;
}

const CALL_PATH = /\/+(chat-messages|completion-messages|workflows\/run|info|parameters)\/*$/;

function paramsOf(given: string | undefined, name: string): Record<string, unknown> {
  if (given === undefined || given.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(given);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return Object.fromEntries(Object.entries(parsed));
  } catch {
    // Told below.
  }
  throw unusable(
    `DIFY_PARAMS of “${name}” is not a JSON object. Give the inputs of the application by name, such as {"city": "Bonn"}.`,
  );
}

function unusable(message: string): RunFailure {
  return new RunFailure({ reason: 'ModelBadRequest', message, retryable: false });
}
