import { createSandboxEngines } from '@wegent/engine/sandbox';
import { readConfig, takeToken } from './config.ts';
import { createExecutor } from './executor.ts';
import { createLogger } from './logger.ts';

/** Starts the executor as a process of its own; it ends on SIGTERM, or when nobody asks for it any more. */
export async function startExecutor(): Promise<void> {
  // Reports of the process are made to learn about the C library; without this each would wait for name servers that
  // there are none of in a sandbox.
  Object.assign(process.report, { excludeNetwork: true });
  const config = readConfig();
  const logger = createLogger((line) => process.stderr.write(line));
  const { enginesFolder, homeFolder } = config;
  const engines = createSandboxEngines({ enginesFolder, homeFolder });
  const executor = createExecutor({
    config,
    token: takeToken(config.runFolder),
    engines,
    sshProgram: [process.execPath, process.argv[1] ?? ''],
    logger,
    onOrphaned: () => void close('nobody asked for this executor any more'),
  });

  let closing = false;
  const close = async (why: string) => {
    // A second signal does not wait.
    if (closing) process.exit(1);
    closing = true;
    logger.info({ why }, 'the executor is closing');
    await executor.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void close('SIGTERM'));
  process.on('SIGINT', () => void close('SIGINT'));
  // Nobody reads the log any more: that is no reason to end, and nothing that could be logged.
  process.stderr.on('error', () => {});
  // One turn's error must not end the others.
  process.on('uncaughtException', (err) => logger.error({ err }, 'uncaught exception'));
  process.on('unhandledRejection', (err) => logger.error({ err }, 'unhandled rejection'));

  await executor.listen(config.listen);
  for (const engine of Object.values(engines)) void engine?.load?.();
  logger.info({ ...config.listen, startMs: Math.round(performance.now()) }, 'the executor is ready');
}
