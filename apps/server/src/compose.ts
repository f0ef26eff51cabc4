import { openBlobStore } from '@wegent/blob';
import { openBus } from '@wegent/bus';
import { openQueue } from '@wegent/queue';
import { openStore } from '@wegent/store';
import { createAccess } from './access/access.ts';
import { createSystemService } from './admin/system.service.ts';
import { createUserAdminService } from './admin/user-admin.service.ts';
import { buildApp } from './app.ts';
import { createApprovalService } from './approvals/approval.service.ts';
import { createDecisionAnnouncer } from './approvals/decision-announcer.ts';
import { createAttachmentService } from './attachments/attachment.service.ts';
import { createAudit } from './audit/audit.ts';
import { createAuthService } from './auth/auth.service.ts';
import { createRefreshCookie } from './auth/refresh-cookie.ts';
import { createSignals } from './auth/signals.ts';
import { createChatService } from './chat/chat.service.ts';
import { createMessageQueue } from './chat/message-queue.ts';
import { createRunStopper } from './chat/run-stopper.ts';
import { createTurnPreparer } from './chat/turn.ts';
import { createTurnStarter } from './chat/turn-starter.ts';
import { createControllerLoop } from './controllers/controller-loop.ts';
import { createGarbageController } from './controllers/garbage-controller.ts';
import { createNamespaceController } from './controllers/namespace-controller.ts';
import { createReadinessController } from './controllers/readiness-controller.ts';
import { createRemover } from './controllers/remover.ts';
import { createTaskEventController } from './controllers/task-event-controller.ts';
import { createDelegation } from './executions/delegation.ts';
import { createDispatcher } from './executions/dispatcher.ts';
import { createEventWriter } from './executions/event-writer.ts';
import { createExecutionService } from './executions/execution.service.ts';
import { createGates } from './executions/gates.ts';
import { createRunLoader } from './executions/run-loader.ts';
import { createRunQueues } from './executions/sandbox-queues.ts';
import { createTurnAdmission } from './executions/turn-admission.ts';
import { createTurnFollower } from './executions/turn-follower.ts';
import { createCommitAuthors } from './executors/commit-author.ts';
import { createExecutorService } from './executors/executor-overview.ts';
import { createHttpExecutorAccess } from './executors/http-executor-access.ts';
import { createLogService } from './executors/log.service.ts';
import { createManagerRegistry } from './executors/manager-registry.ts';
import { createTaskSandboxes } from './executors/task-sandbox.service.ts';
import { createGitService } from './git/git.service.ts';
import { createGitCredentials } from './git/git-credentials.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createMetrics } from './http/metrics.ts';
import { mountHandlers } from './http/mounts.ts';
import { createAuthorizer } from './kube/authorizer.ts';
import { createTaskRights } from './kube/task-rights.ts';
import { createInputFormService } from './models/input-form.service.ts';
import { createModelService } from './models/model.service.ts';
import { createExecServer } from './pods/exec-server.ts';
import { createPodLogs } from './pods/pod-log.ts';
import { createOriginRule } from './realtime/allowed-origin.ts';
import { createPublisher } from './realtime/publisher.ts';
import { openSocketAdapter } from './realtime/socket-adapter.ts';
import { createSocketServer } from './realtime/socket-server.ts';
import { createApplyService } from './resources/apply.service.ts';
import { createResourceService } from './resources/resource.service.ts';
import { createScaleService } from './resources/scale.service.ts';
import { createSecretBox } from './resources/secret-box.ts';
import { createStatusService } from './resources/status.service.ts';
import { createWatchService } from './resources/watch.service.ts';
import { seedResources } from './seed/seed.ts';
import type { Services } from './services.ts';
import { createSkillService } from './skills/skill.service.ts';
import { createTaskService } from './tasks/task.service.ts';
import { createTaskOpener } from './tasks/task-opener.ts';
import { createTaskRemoval } from './tasks/task-removal.ts';
import { createTaskResources } from './tasks/task-resources.ts';
import { openConfiguredHttps } from './tls/configured-https.ts';
import type { HttpsListener } from './tls/https-listener.ts';
import { createNamespaceService } from './users/namespace.service.ts';
import { createNamespaceResources } from './users/namespace-resources.ts';
import { createUserService } from './users/user.service.ts';
import type { ListenOptions, ServerOptions, WegentServer } from './wegent-server.ts';
import { createWorkspaceService } from './workspaces/workspace.service.ts';

/** Builds the server, top to bottom as the architecture: data, rights, resources, tasks, runs, transports. */
export async function composeServer({
  config,
  logger,
  webFolder,
  commandLineFile,
  seedFolder,
  mounts = [],
  testModel,
  readInputForm,
  fetchFor,
  executors: executorAccess,
  timings = {},
}: ServerOptions): Promise<WegentServer> {
  const publicUrl =
    config.publicUrl ??
    `http://${config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host}:${config.port}`;
  const onError = (error: unknown) => logger.error({ err: error }, 'background work failed');

  const metrics = createMetrics();
  const store = await openStore({
    url: config.databaseUrl,
    poolSize: config.databasePoolSize,
    onQuery: metrics.countStatement,
  });
  const bus = await openBus({ url: config.redisUrl, onError });
  const queues = {
    host: await openQueue({ url: config.redisUrl, name: 'host', onError }),
    sandbox: await openQueue({ url: config.redisUrl, name: 'sandbox', onError }),
  };
  const blobs = await openBlobStore({ url: config.blobUrl });

  const signals = createSignals({ bus });
  const audit = createAudit({ store, logger });
  const auth = createAuthService({
    store,
    bus,
    signals,
    audit,
    logger,
    config: {
      jwtSecret: config.jwtSecret,
      adminUsername: config.adminUsername,
      adminPassword: config.adminPassword,
      publicUrl,
    },
  });
  const refreshCookie = createRefreshCookie({ publicUrl });
  const access = createAccess({ store, signals });
  const users = createUserService({ store, auth, signals, audit });
  const namespaces = createNamespaceService({ store, access, signals, audit });
  const namespaceResources = createNamespaceResources({ store, signals, audit });
  const userAdmin = createUserAdminService({ store, signals, audit });
  const system = createSystemService({ store, version: config.version });

  const publisher = createPublisher();
  const secrets = createSecretBox(config.secretKeys);
  const attachments = createAttachmentService({ store, blobs, maxBytes: config.maxAttachmentBytes });
  const managers = createManagerRegistry({ store, bus, logger });
  const executors = createExecutorService({
    store,
    managers,
    audit,
    localRepositories: config.localRepositories.length > 0,
  });
  const tasks = createTaskService({ store, publisher, waitingOf: executors.waitingOf });
  const opener = createTaskOpener({ store, publisher });
  const turns = createTurnPreparer({ store, access });

  const follower = createTurnFollower({
    store,
    publisher,
    logger,
    onIdle: (taskId) => queue.sendNext(taskId),
    onFreed: (teamUid) => admission.check(teamUid),
    onStored: (results) => {
      for (const result of results) writer.publish(result);
      void announcer.stored(results);
    },
    enqueue: (started, group) => dispatcher.enqueue(started, group),
    stop: (orphans) => stopper.stopSoon(orphans),
  });
  const writer = createEventWriter({
    store,
    publisher,
    onStateChange: (results) => {
      void follower.stateChanged(results.map((result) => result.messageId));
      void announcer.stored(results);
    },
    onStored: metrics.countEvents,
  });
  const gates = createGates({ store, writer, logger });
  const gitCredentials = createGitCredentials({ store, secrets });
  const announcer = createDecisionAnnouncer({ store, publisher, logger });
  const runQueues = createRunQueues({ queues, managers, store, redisUrl: config.redisUrl, onError });
  const mailHost = new URL(publicUrl).hostname;
  const workspaces = createWorkspaceService({
    store,
    access,
    secrets,
    credentials: gitCredentials,
    localRepositories: config.localRepositories,
    mailHost,
  });
  const loader = createRunLoader({
    store,
    secrets,
    workspaces,
    modelEnvironment: config.modelEnvironment,
    outboundAllow: config.outboundAllow,
  });
  const executions = createExecutionService({
    store,
    bus,
    writer,
    loader,
    managers,
    delegation: createDelegation({
      store,
      publisher,
      enqueue: (started, group) => dispatcher.enqueue(started, group),
      logger,
    }),
    onCancelling: (messageIds) => void follower.stateChanged(messageIds),
    sendTo: runQueues.sendTo,
    logger,
  });
  const dispatcher = createDispatcher({
    store,
    queues: runQueues,
    bus,
    writer,
    logger,
    ...(timings.sweepMs === undefined ? {} : { sweepMs: timings.sweepMs }),
    ...(timings.leaseGraceMs === undefined ? {} : { graceMs: timings.leaseGraceMs }),
    recoverTurns: async () => {
      await gates.recover();
      await follower.recover();
      await admission.checkAll();
      await queue.recover();
    },
  });
  const admission = createTurnAdmission({
    store,
    writer,
    enqueueAgain: dispatcher.enqueueAgain,
    logger,
  });
  const starter = createTurnStarter({ store, publisher, dispatcher, admission, logger });
  const stopper = createRunStopper({
    store,
    publisher,
    executions,
    follow: follower.stateChanged,
    logger,
    ...(timings.cancelDeadlineMs === undefined ? {} : { deadlineMs: timings.cancelDeadlineMs }),
  });
  const queue = createMessageQueue({ store, tasks, turns, starter, stopper, publisher, logger });
  const chat = createChatService({
    store,
    tasks,
    opener,
    turns,
    queue,
    starter,
    stopper,
    attachments,
    publisher,
    workspaces,
    tellRun: executions.tellManager,
  });
  const sandboxes = createTaskSandboxes({
    store,
    tasks,
    loader,
    executors:
      executorAccess ?? createHttpExecutorAccess({ managers, store, internalSecret: config.internalSecret }),
  });
  const git = createGitService({
    store,
    bus,
    secrets,
    credentials: gitCredentials,
    fetchFor,
    outboundAllow: config.outboundAllow,
    tasks,
    workspaces,
    sandboxes,
    publisher,
    audit,
    logger,
  });
  const authors = createCommitAuthors({ store, mailHost });
  const logs = createLogService({ store, tasks });
  const removal = createTaskRemoval({ store, chat, publisher, blobs, managers, logger });

  const approvals = createApprovalService({
    store,
    publisher,
    tellRun: async (executionId) => {
      await executions.tellManager(executionId);
      await gates.hear(executionId);
    },
  });
  const taskResources = createTaskResources({ store, tasks, opener, turns, chat, removal, workspaces });
  const watches = createWatchService({ store, bus, access, secrets, taskResources, signals, logger });
  const resources = createResourceService({
    store,
    access,
    secrets,
    taskResources,
    namespaces: namespaceResources,
    audit,
    onChange: watches.wake,
    onDeleted: async (object) => {
      if (object.kind !== 'Skill') return;
      await skills.forget(object).catch((error: unknown) => {
        logger.warn({ err: error }, 'the archive of a deleted Skill could not be removed');
      });
    },
  });
  const skills = createSkillService({ store, blobs, access, resources, onChange: watches.wake });
  const statuses = createStatusService({ store, resources, onChange: watches.wake });
  const scales = createScaleService({
    resources,
    counters: { Team: ({ metadata }) => store.turnLines.running(metadata.uid ?? '') },
  });
  const apply = createApplyService({ resources, access, logger });
  const models = createModelService({
    store,
    access,
    secrets,
    testModel,
    outboundAllow: config.outboundAllow,
    modelEnvironment: config.modelEnvironment,
  });
  const inputs = createInputFormService({
    store,
    secrets,
    turns,
    readInputForm,
    outboundAllow: config.outboundAllow,
    modelEnvironment: config.modelEnvironment,
  });
  const remover = createRemover({ store, deletion: resources.deletion, onChange: watches.wake });
  const controllers = createControllerLoop({
    store,
    bus,
    logger,
    controllers: [
      createTaskEventController({ store, onChange: watches.wake }),
      createReadinessController({ store, onChange: watches.wake }),
      admission.controller,
      createGarbageController({ store, remover }),
      createNamespaceController({
        store,
        namespaces: namespaceResources,
        remover,
        onChange: watches.wake,
        logger,
      }),
    ],
  });
  const authorizer = createAuthorizer({ access, taskRights: createTaskRights({ store }) });
  const podLogs = createPodLogs({ store, tasks, publisher });
  const housekeeping = createHousekeeping({ store, bus, attachments, logger });

  const services: Services = {
    store,
    metrics,
    publisher,
    access,
    audit,
    auth,
    refreshCookie,
    users,
    namespaces,
    userAdmin,
    system,
    resources,
    apply,
    statuses,
    scales,
    authorizer,
    podLogs,
    watches,
    models,
    inputs,
    attachments,
    tasks,
    chat,
    executions,
    approvals,
    removal,
    executors,
    sandboxes,
    authors,
    logs,
    workspaces,
    skills,
    git,
  };

  let draining = false;
  let https: HttpsListener | undefined;
  const app = await buildApp(services, {
    logger,
    version: config.version,
    publicUrl,
    trustProxy: config.trustProxy,
    internalSecret: config.internalSecret,
    webFolder,
    commandLineFile,
    isDraining: () => draining,
    https: () => https,
  });
  mountHandlers(app.server, mounts);
  const socketAdapter = await openSocketAdapter(config.redisUrl);
  const allowedOrigin = createOriginRule(config.publicUrl);
  const sockets = createSocketServer({
    http: app.server,
    adapter: socketAdapter?.adapter,
    auth,
    tasks,
    chat,
    publisher,
    logger,
    allowedOrigin,
  });
  const shells = createExecServer({
    http: app.server,
    auth,
    access,
    resources,
    sandboxes,
    tasks,
    chat,
    podLogs,
    audit,
    allowedOrigin,
    logger,
  });
  metrics.gauge('wegent_sockets', 'Open sockets.', sockets.connections);
  metrics.gauge('wegent_runs_waiting', 'Runs that wait in the queues of this process.', async () => {
    const counts = await Promise.all([queues.host.counts(), queues.sandbox.counts()]);
    return counts.reduce((sum, count) => sum + count.waiting, 0);
  });

  return {
    link: executions,
    bus,
    blobs,
    queues: { ...queues, ofManager: runQueues.ofManager },
    services,

    async listen({ managerId }: ListenOptions = {}) {
      const { setupUrl } = await auth.bootstrap();
      await seedResources({ store, secrets, folder: seedFolder });
      await app.listen({ host: config.host, port: config.port });
      https = await openConfiguredHttps({ config, http: app.server, publicUrl, logger });
      // Only now is it certain that no other process lives under this name.
      if (managerId !== undefined) await store.executions.expireLeasesOf(managerId, Date.now());
      await dispatcher.start({ gone: managerId });
      // After a long silence none of them counts as alive, and files of tasks could not be read until they told of themselves.
      await managers.askForReports();
      await watches.start();
      await controllers.start();
      housekeeping.start();
      const address = app.server.address();
      const port = typeof address === 'object' && address !== null ? address.port : config.port;
      const url = config.publicUrl ?? publicUrl.replace(/:0$/, `:${port}`);
      return { url, port, httpsPort: https?.port, setupUrl };
    },

    async close() {
      draining = true;
      await controllers.close();
      await dispatcher.close();
      await housekeeping.close();
      await watches.close();
      await shells.close();
      sockets.close();
      await https?.close();
      await app.close();
      await socketAdapter?.close();
      await audit.settled();
      await Promise.all([queues.host.close(), queues.sandbox.close(), runQueues.close()]);
      await bus.close();
      await store.close();
    },
  };
}
