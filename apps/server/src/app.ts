import cookie from '@fastify/cookie';
import { ApiError } from '@wegent/api';
import { impersonationOf } from '@wegent/kube';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { registerAdminRoutes } from './admin/admin.routes.ts';
import { registerApprovalRoutes } from './approvals/approval.routes.ts';
import { registerAttachmentRoutes } from './attachments/attachment.routes.ts';
import { registerAuthRoutes } from './auth/auth.routes.ts';
import { bearerOf } from './auth/bearer.ts';
import './auth/request-principal.ts';
import { registerRateLimit } from './auth/rate-limit.ts';
import { registerInternalRoutes } from './executions/internal.routes.ts';
import { registerExecutorRoutes } from './executors/executor.routes.ts';
import { registerSandboxRoutes } from './executors/sandbox.routes.ts';
import { registerTerminalRoutes } from './executors/terminal.routes.ts';
import { registerGitRoutes } from './git/git.routes.ts';
import type { App } from './http/app-type.ts';
import { registerCommandLine } from './http/command-line.routes.ts';
import { answerError, registerErrorHandler } from './http/error-handler.ts';
import { registerHealthRoutes } from './http/health.routes.ts';
import { hashInlineScripts } from './http/inline-scripts.ts';
import { isApi } from './http/is-api.ts';
import { registerOpenApi } from './http/openapi.ts';
import { registerSecurityHeaders } from './http/security-headers.ts';
import { hasWeb, readNotFoundPage, registerWeb } from './http/web.ts';
import { registerDiscoveryRoutes } from './kube/discovery.routes.ts';
import { registerKubeconfigRoute } from './kube/kubeconfig.routes.ts';
import { registerKubeOpenapiRoutes } from './kube/openapi.routes.ts';
import { registerReviewRoutes } from './kube/review.routes.ts';
import { registerInputFormRoutes, registerModelRoutes } from './models/model.routes.ts';
import { registerPodRoutes } from './pods/pod.routes.ts';
import { registerApplyRoutes } from './resources/apply.routes.ts';
import { registerResourceRoutes } from './resources/resource.routes.ts';
import type { Services } from './services.ts';
import { registerSkillRoutes } from './skills/skill.routes.ts';
import { registerTaskRoutes } from './tasks/task.routes.ts';
import type { HttpsListener } from './tls/https-listener.ts';
import { registerNamespaceRoutes } from './users/namespace.routes.ts';
import { registerUserRoutes } from './users/user.routes.ts';

/** Bytes of a request body; attachments have a limit of their own. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** What the HTTP side needs besides the services. */
export interface AppOptions {
  logger: Logger;
  version: string;
  publicUrl: string;
  trustProxy: boolean;
  internalSecret: string;
  /** Folder of the exported web app; no pages are served without it. */
  webFolder: string | undefined;
  /** The built command line, which the server hands out. */
  commandLineFile: string | undefined;
  isDraining: () => boolean;
  /** The door for Kubernetes clients, once it is open. */
  https: () => HttpsListener | undefined;
}

/** Builds the HTTP server from services; it does not listen yet. */
export async function buildApp(services: Services, options: AppOptions): Promise<App> {
  const app: App = fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustProxy,
    bodyLimit: MAX_BODY_BYTES,
    // Names of managers, and ids that engines make, have up to 200 characters.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    forceCloseConnections: true,
    frameworkErrors: answerError,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  registerErrorHandler(app, hasWeb(options.webFolder) ? readNotFoundPage(options.webFolder) : undefined);
  services.metrics.observe(app);
  await app.register(cookie);
  await registerSecurityHeaders(app, {
    isHttps: options.publicUrl.startsWith('https:'),
    scriptHashes: hasWeb(options.webFolder) ? hashInlineScripts(options.webFolder) : [],
  });
  authenticateRequests(app, services);
  await registerRateLimit(app, { keyOf: (request) => request.principal?.userId });
  await registerOpenApi(app, options.version);
  registerHealthRoutes(app, {
    store: services.store,
    metrics: services.metrics,
    isDraining: options.isDraining,
  });
  registerAuthRoutes(app, services);
  registerUserRoutes(app, services);
  registerNamespaceRoutes(app, services);
  registerAdminRoutes(app, services);
  registerTaskRoutes(app, services);
  registerApprovalRoutes(app, services);
  registerExecutorRoutes(app, services);
  registerSandboxRoutes(app, services);
  registerTerminalRoutes(app, services);
  registerGitRoutes(app, services);
  registerAttachmentRoutes(app, services);
  registerModelRoutes(app, services);
  registerInputFormRoutes(app, services);
  registerApplyRoutes(app, services);
  registerSkillRoutes(app, services);
  registerResourceRoutes(app, services);
  registerDiscoveryRoutes(app, { version: options.version });
  registerKubeOpenapiRoutes(app, { version: options.version });
  registerReviewRoutes(app, services);
  registerPodRoutes(app, services);
  registerKubeconfigRoute(app, { publicUrl: options.publicUrl, https: options.https });
  registerCommandLine(app, options.commandLineFile);
  registerInternalRoutes(app, { link: services.executions, secret: options.internalSecret });
  if (hasWeb(options.webFolder)) await registerWeb(app, options.webFolder);
  return app;
}

// Deny by default: whatever is below /api asks for a token unless its route says that it is public.
function authenticateRequests(app: App, { auth }: Pick<Services, 'auth'>): void {
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.public || !isApi(request)) return;
    if (impersonationOf(request.headers)) {
      throw new ApiError('Forbidden', 'impersonation is not granted to anyone on this server');
    }
    request.principal = await auth.authenticate(bearerOf(request));
  });
}
