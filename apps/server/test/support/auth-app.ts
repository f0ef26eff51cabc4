import cookie from '@fastify/cookie';
import { Session } from '@wegent/api';
import { openBus } from '@wegent/bus';
import { openStore, type Store } from '@wegent/store';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { createAccess } from '../../src/access/access.ts';
import { registerAdminRoutes } from '../../src/admin/admin.routes.ts';
import { createSystemService } from '../../src/admin/system.service.ts';
import { createUserAdminService } from '../../src/admin/user-admin.service.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { registerAuthRoutes } from '../../src/auth/auth.routes.ts';
import { type AuthConfig, createAuthService } from '../../src/auth/auth.service.ts';
import { bearerOf } from '../../src/auth/bearer.ts';
import { type RateLimits, registerRateLimit } from '../../src/auth/rate-limit.ts';
import { createRefreshCookie } from '../../src/auth/refresh-cookie.ts';
import { createSignals } from '../../src/auth/signals.ts';
import { registerErrorHandler } from '../../src/http/error-handler.ts';
import { registerResourceRoutes } from '../../src/resources/resource.routes.ts';
import { createResourceService } from '../../src/resources/resource.service.ts';
import { createScaleService } from '../../src/resources/scale.service.ts';
import { createSecretBox } from '../../src/resources/secret-box.ts';
import { createStatusService } from '../../src/resources/status.service.ts';
import { createWatchService } from '../../src/resources/watch.service.ts';
import { registerNamespaceRoutes } from '../../src/users/namespace.routes.ts';
import { createNamespaceService } from '../../src/users/namespace.service.ts';
import { createNamespaceResources } from '../../src/users/namespace-resources.ts';
import { registerUserRoutes } from '../../src/users/user.routes.ts';
import { createUserService } from '../../src/users/user.service.ts';
import { plainTasks } from './resource-server.ts';

export const ADMIN_PASSWORD = 'administrators password';
export const JWT_SECRET = new TextEncoder().encode('the secret of these tests, with many characters');

interface AuthAppOptions {
  store?: Store;
  bus?: Awaited<ReturnType<typeof openBus>>;
  config?: Partial<AuthConfig>;
  limits?: RateLimits;
}

interface Call {
  token?: string | undefined;
  body?: object;
  headers?: Record<string, string>;
  cookie?: string | undefined;
  address?: string;
}

export type AuthApp = Awaited<ReturnType<typeof createAuthApp>>;

/** Sign-in, users and administration on a database in memory, with a clock that the test moves. */
export async function createAuthApp(options: AuthAppOptions = {}) {
  const store = options.store ?? (await openStore({ url: 'sqlite::memory:' }));
  const bus = options.bus ?? (await openBus());
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  const now = () => clock.now;
  const config: AuthConfig = {
    jwtSecret: JWT_SECRET,
    adminUsername: 'admin',
    adminPassword: ADMIN_PASSWORD,
    publicUrl: 'http://127.0.0.1:3000',
    ...options.config,
  };
  const app = Fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  registerErrorHandler(app);
  await app.register(cookie);

  const signals = createSignals({ bus });
  const audit = createAudit({ store, logger: app.log, now });
  const auth = createAuthService({ store, bus, signals, audit, config, logger: app.log, now });
  const access = createAccess({ store, signals, now });
  const refreshCookie = createRefreshCookie(config);
  app.addHook('onRequest', async (request) => {
    if (!request.routeOptions.config.public) request.principal = await auth.authenticate(bearerOf(request));
  });
  await registerRateLimit(app, {
    keyOf: (request) => request.principal?.userId,
    limits: options.limits ?? { windowMs: 2_000, signedIn: 100_000, anonymous: 100_000 },
  });
  registerAuthRoutes(app, { auth, refreshCookie });
  registerUserRoutes(app, {
    users: createUserService({ store, auth, signals, audit, now }),
    auth,
    refreshCookie,
  });
  registerNamespaceRoutes(app, {
    namespaces: createNamespaceService({ store, access, signals, audit }),
  });
  const secrets = createSecretBox([{ id: 'k1', key: new Uint8Array(32).fill(7) }]);
  const shared = { store, bus, access, secrets, taskResources: plainTasks(store), signals, logger: app.log };
  const watches = createWatchService(shared);
  const resources = createResourceService({
    ...shared,
    audit,
    namespaces: createNamespaceResources({ store, signals, audit, now }),
    onChange: watches.wake,
  });
  const statuses = createStatusService({ store, resources, onChange: watches.wake });
  const scales = createScaleService({ resources, counters: {} });
  registerResourceRoutes(app, { resources, watches, statuses, scales });
  registerAdminRoutes(app, {
    userAdmin: createUserAdminService({ store, signals, audit, now }),
    system: createSystemService({ store, version: '0.0.0-test', now }),
  });
  const { setupUrl } = await auth.bootstrap();

  async function call(method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', url: string, call: Call = {}) {
    const response = await app.inject({
      method,
      url,
      remoteAddress: call.address ?? '127.0.0.1',
      headers: {
        ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
        ...(call.cookie === undefined ? {} : { cookie: `wegent_refresh=${call.cookie}` }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { payload: call.body }),
    });
    return {
      status: response.statusCode,
      headers: response.headers,
      body: response.body === '' ? undefined : response.json(),
      cookie: response.cookies.find(({ name }) => name === 'wegent_refresh'),
    };
  }

  async function signIn(username: string, password: string) {
    const response = await call('POST', '/api/v1/auth/login', { body: { username, password } });
    const session = Session.parse(response.body);
    return { token: session.accessToken, user: session.user, cookie: response.cookie?.value ?? '' };
  }

  return {
    app,
    store,
    bus,
    clock,
    signals,
    audit,
    auth,
    access,
    setupUrl,
    call,
    signIn,
    signInAdmin: () => signIn('admin', ADMIN_PASSWORD),

    /** Makes an account and signs it in. */
    async newUser(adminToken: string, username: string, role: 'admin' | 'user' = 'user') {
      const password = `password of ${username}`;
      const made = await call('POST', '/api/v1/admin/users', {
        token: adminToken,
        body: { username, password, role },
      });
      if (made.status !== 201) throw new Error(`user ${username} was not made: ${JSON.stringify(made.body)}`);
      return { ...(await signIn(username, password)), password };
    },

    async [Symbol.asyncDispose]() {
      await watches.close();
      await app.close();
      await audit.settled();
      if (!options.bus) await bus.close();
      if (!options.store) await store.close();
    },
  };
}
