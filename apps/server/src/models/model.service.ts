import {
  ApiError,
  collectSecrets,
  MASK,
  Model as MODEL,
  type ModelEndpoint,
  ModelSpec,
  type ModelTestRequest,
  type ModelTestResult,
  mapSecrets,
  PUBLIC_NAMESPACE,
  type ResourceObject,
} from '@wegent/api';
import { invalidObject, validateObject } from '@wegent/kube';
import type { Store } from '@wegent/store';
import type { z } from 'zod';
import type { Access } from '../access/access.ts';
import { notFound } from '../access/refusals.ts';
import type { Principal } from '../auth/principal.ts';
import { isUnrestricted } from '../executions/outbound-rule.ts';
import { toTime } from '../http/time.ts';
import type { SecretBox } from '../resources/secret-box.ts';
import { modelEndpoint } from './model-endpoint.ts';

const TEST_MS = 30_000;
const ENV_PATH = 'spec.modelConfig.env.';

/** Tries a model; the engine's own function, in this process or behind a manager. */
export type TestModel = (input: {
  endpoint: ModelEndpoint;
  /** host:port pairs of private addresses that may be reached; absent = any. */
  outboundAllow?: readonly string[] | undefined;
  signal: AbortSignal;
}) => Promise<ModelTestResult>;

/** What Models can do besides being stored, see `createModelService`. */
export type ModelService = ReturnType<typeof createModelService>;

/** Tests Models, saved or not. */
export function createModelService({
  store,
  access,
  secrets,
  testModel,
  outboundAllow,
  modelEnvironment,
  now = Date.now,
}: {
  store: Store;
  access: Access;
  secrets: SecretBox;
  testModel: TestModel;
  outboundAllow: readonly string[];
  modelEnvironment: Readonly<Record<string, string | undefined>>;
  now?: () => number;
}) {
  /**
   * Asks a model for a short answer. A spec that is given is tried in place of the stored one, with the stored
   * secrets where its own are masked or absent; that takes the right to update the Model, because it decides where
   * those secrets are sent. The right to run is enough to try a Model as it is.
   */
  async function test(
    principal: Principal,
    request: z.infer<typeof ModelTestRequest>,
  ): Promise<ModelTestResult> {
    const namespace = request.namespace ?? principal.namespace;
    const { name, spec } = request;
    const stored = name === undefined ? undefined : await load(principal, namespace, name);
    if (!spec && name !== undefined && !stored) throw notFound('Model', name);
    const model = spec ? await candidate(principal, { namespace, name, spec }, stored) : stored;
    if (!model) throw new ApiError('BadRequest', 'name a Model to test, or give a spec');

    const isPublic = model.metadata.namespace === PUBLIC_NAMESPACE;
    const endpoint = modelEndpoint(model, isPublic ? modelEnvironment : {});
    const result = await testModel({
      endpoint,
      ...(isUnrestricted(principal, [model.metadata.namespace]) ? {} : { outboundAllow }),
      signal: AbortSignal.timeout(TEST_MS),
    });
    if (!spec && name !== undefined) await remember(namespace, name, result);
    return result;
  }

  /** Keeps the outcome in the status of the Model. One that was changed meanwhile was not what was tested. */
  async function remember(namespace: string, name: string, result: ModelTestResult): Promise<void> {
    const stored = await store.resources.get('Model', namespace, name);
    if (!stored) return;
    const message = result.error?.message;
    const lastTest = {
      at: toTime(now()),
      ok: result.ok,
      latencyMs: Math.round(result.latencyMs),
      ...(message === undefined ? {} : { message }),
    };
    const status = { ...stored.status, reachable: result.ok, lastTest };
    try {
      await store.resources.update({ ...stored, status }, stored.metadata.resourceVersion ?? '');
    } catch (error) {
      if (!(error instanceof ApiError) || (error.reason !== 'Conflict' && error.reason !== 'NotFound'))
        throw error;
    }
  }

  /** The stored Model with its secrets open. */
  async function load(
    principal: Principal,
    namespace: string,
    name: string,
  ): Promise<ResourceObject | undefined> {
    await access.authorise(principal, { verb: 'run', kind: 'Model', namespace, name });
    const object = await store.resources.get('Model', namespace, name);
    return object && secrets.unseal(object);
  }

  async function candidate(
    principal: Principal,
    {
      namespace,
      name = 'untitled',
      spec,
    }: { namespace: string; name?: string | undefined; spec: Record<string, unknown> },
    stored: ResourceObject | undefined,
  ): Promise<ResourceObject> {
    const verb = stored ? 'update' : 'create';
    await access.authorise(principal, { verb, kind: 'Model', namespace, name });
    const { object } = validateObject(MODEL, { metadata: { name }, spec }, { fieldValidation: 'Strict' });
    const complete: ResourceObject = { ...object, metadata: { ...object.metadata, name, namespace } };
    return withStoredSecrets(complete, stored);
  }

  return { test };
}

/** Puts the stored secrets in place of masks, and of secrets of the environment that are absent. */
function withStoredSecrets(model: ResourceObject, stored: ResourceObject | undefined): ResourceObject {
  const known = stored ? collectSecrets(stored, MODEL.secrets) : new Map<string, string>();
  const missing: string[] = [];
  const filled = mapSecrets(model, MODEL.secrets, (secret, path) => {
    if (secret !== MASK) return secret;
    if (!known.has(path)) missing.push(path);
    return known.get(path) ?? '';
  });
  if (missing.length > 0) {
    const message = `Invalid value: "${MASK}" stands for a stored secret, and none is stored here`;
    throw invalidObject(
      MODEL,
      model.metadata.name,
      missing.map((field) => ({ reason: 'FieldValueInvalid', field, message })),
    );
  }
  const { modelConfig } = ModelSpec.parse(filled.spec);
  const inherited = [...known]
    .filter(([path]) => path.startsWith(ENV_PATH))
    .map(([path, secret]) => [path.slice(ENV_PATH.length), secret] as const)
    .filter(([name]) => !name.includes('.'));
  const env = { ...Object.fromEntries(inherited), ...modelConfig.env };
  return { ...filled, spec: { ...filled.spec, modelConfig: { ...modelConfig, env } } };
}
