import type { ModelEndpoint } from '@wegent/api';
import { openBlobStore } from '@wegent/blob';
import { openBus } from '@wegent/bus';
import { openStore, type Store } from '@wegent/store';
import fastify, { type InjectOptions } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { createAccess } from '../../src/access/access.ts';
import { registerAttachmentRoutes } from '../../src/attachments/attachment.routes.ts';
import { createAttachmentService } from '../../src/attachments/attachment.service.ts';
import { createAudit } from '../../src/audit/audit.ts';
import type { Principal } from '../../src/auth/principal.ts';
import { createSignals } from '../../src/auth/signals.ts';
import type { App } from '../../src/http/app-type.ts';
import { registerErrorHandler } from '../../src/http/error-handler.ts';
import { registerModelRoutes } from '../../src/models/model.routes.ts';
import { createModelService } from '../../src/models/model.service.ts';
import { registerApplyRoutes } from '../../src/resources/apply.routes.ts';
import { createApplyService } from '../../src/resources/apply.service.ts';
import { registerResourceRoutes } from '../../src/resources/resource.routes.ts';
import { createResourceService } from '../../src/resources/resource.service.ts';
import { createScaleService } from '../../src/resources/scale.service.ts';
import { createSecretBox } from '../../src/resources/secret-box.ts';
import { createStatusService } from '../../src/resources/status.service.ts';
import type { TaskResources } from '../../src/resources/task-resources.ts';
import { createWatchService } from '../../src/resources/watch.service.ts';
import { seedResources } from '../../src/seed/seed.ts';
import { createNamespaceResources } from '../../src/users/namespace-resources.ts';

/** The people of the tests: an administrator whose own namespace is `default`, and two users. */
export const PEOPLE: Record<'admin' | 'bob' | 'eve', Principal> = {
  admin: { userId: 'u-admin', username: 'admin', role: 'admin', namespace: 'default', via: 'session' },
  bob: { userId: 'u-bob', username: 'bob', role: 'user', namespace: 'bob', via: 'session' },
  eve: { userId: 'u-eve', username: 'eve', role: 'user', namespace: 'eve', via: 'session' },
};

export type Person = keyof typeof PEOPLE;

export const SEED_FOLDER = new URL('../../src/seed', import.meta.url).pathname;

/** What a request was answered with. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  body: any;
  headers: Record<string, unknown>;
  text: string;
}

/** The resource side of the server over a real store and bus. `x-person` says who asks. */
export async function startResourceServer({
  url = 'sqlite::memory:',
  maxAttachmentBytes = 64 * 1024,
  taskResources = (store: Store) => plainTasks(store),
  secretKeys = [{ id: 'k1', key: new Uint8Array(32).fill(7) }],
}: {
  url?: string;
  maxAttachmentBytes?: number;
  taskResources?: (store: Store) => TaskResources;
  secretKeys?: { id: string; key: Uint8Array }[];
} = {}) {
  const store = await openStore({ url });
  const bus = await openBus();
  const blobs = await openBlobStore({ url: 'memory:' });
  const signals = createSignals({ bus });
  const access = createAccess({ store, signals });
  const secrets = createSecretBox(secretKeys);
  const tested: { endpoint: ModelEndpoint; outboundAllow?: readonly string[] | undefined }[] = [];

  const app: App = fastify({ bodyLimit: 4 * 1024 * 1024, forceCloseConnections: true });
  const tasks = taskResources(store);
  const watches = createWatchService({
    store,
    bus,
    access,
    secrets,
    taskResources: tasks,
    signals,
    logger: app.log,
  });
  const resources = createResourceService({
    store,
    access,
    secrets,
    taskResources: tasks,
    namespaces: createNamespaceResources({ store, signals, audit: createAudit({ store, logger: app.log }) }),
    audit: createAudit({ store, logger: app.log }),
    onChange: watches.wake,
  });
  const apply = createApplyService({ resources, access, logger: app.log });
  const attachments = createAttachmentService({ store, blobs, maxBytes: maxAttachmentBytes });
  const models = createModelService({
    store,
    access,
    secrets,
    outboundAllow: ['10.0.0.1:80'],
    modelEnvironment: { DEMO_KEY: 'from-environment' },
    testModel: async (input) => {
      tested.push(input);
      return { ok: true, latencyMs: 1 };
    },
  });

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  registerErrorHandler(app);
  app.addHook('onRequest', async (request) => {
    request.principal = PEOPLE[String(request.headers['x-person'] ?? 'bob') as Person];
  });
  registerModelRoutes(app, { models });
  registerAttachmentRoutes(app, { attachments });
  registerApplyRoutes(app, { apply });
  const statuses = createStatusService({ store, resources, onChange: watches.wake });
  const scales = createScaleService({ resources, counters: {} });
  registerResourceRoutes(app, { resources, watches, statuses, scales });
  await watches.start();
  await seedResources({ store, secrets, folder: SEED_FOLDER });
  await app.ready();

  async function call(
    method: NonNullable<InjectOptions['method']>,
    path: string,
    options: CallOptions = {},
  ): Promise<Answer> {
    const { body, person = 'bob', type, headers = {} } = options;
    const response = await app.inject({
      method,
      url: path,
      headers: { 'x-person': person, ...(type ? { 'content-type': type } : {}), ...headers },
      ...(body === undefined ? {} : { payload: body as NonNullable<InjectOptions['payload']> }),
    });
    const isJson =
      String(response.headers['content-type'] ?? '').includes('json') && !path.includes('watch=');
    return {
      status: response.statusCode,
      body: isJson ? response.json() : response.body,
      headers: response.headers,
      text: response.body,
    };
  }

  return {
    app,
    store,
    bus,
    signals,
    secrets,
    watches,
    tested,
    attachments,
    resources,
    call,
    get: (path: string, person?: Person) => call('GET', path, person ? { person } : {}),
    async [Symbol.asyncDispose]() {
      await watches.close();
      await app.close();
      await bus.close();
      await blobs.close();
      await store.close();
    },
  };
}

export interface CallOptions {
  body?: unknown;
  person?: Person;
  type?: string;
  headers?: Record<string, string>;
}

/** Tasks as plain objects that only the creator sees, for suites that are not about runs. */
export function plainTasks(store: Store): TaskResources {
  const owners = new Map<string, string>();
  const mine = (userId: string, uid: string | undefined) => owners.get(uid ?? '') === userId;
  return {
    async create({ principal, object, references, dryRun }) {
      if (dryRun) return object;
      owners.set(object.metadata.uid ?? '', principal.userId);
      return store.resources.create(object, { references });
    },
    async update({ object, references, expectedVersion, dryRun }) {
      return dryRun ? object : store.resources.update(object, expectedVersion, { references });
    },
    async delete({ object, dryRun }) {
      if (!dryRun) await store.resources.delete('Task', object.metadata.namespace, object.metadata.name);
    },
    readable: async (principal, objects) =>
      objects.filter(({ metadata }) => mine(principal.userId, metadata.uid)),
    namespaces: async (principal) => [principal.namespace],
  };
}

/** A Ghost document. */
export function ghost(name: string, extra: Record<string, unknown> = {}) {
  return {
    apiVersion: 'agent.wecode.io/v1',
    kind: 'Ghost',
    metadata: { name, ...(extra.metadata as object | undefined) },
    spec: { systemPrompt: 'Be brief.', ...(extra.spec as object | undefined) },
  };
}
