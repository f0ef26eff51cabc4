import { startStandalone } from './standalone.ts';

/**
 * wegent standalone — server, manager and demo model in one process, on one port.
 * It may import server, manager and simulator, and does nothing that those do not do.
 */
const started = performance.now();
try {
  const { url, setupUrl, close } = await startStandalone();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`\n  Wegent is ready (${seconds} s):  ${setupUrl ?? url}\n`);
  if (setupUrl !== undefined)
    process.stdout.write('  Open the link to choose your password; it works once.\n');
  process.stdout.write('  Stop with Ctrl+C.\n\n');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void close().then(() => process.exit(0));
    });
  }
} catch (error) {
  process.stderr.write(`wegent: ${explain(error)}\n`);
  process.exit(1);
}

function explain(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return 'The port is taken, perhaps by another Wegent. Stop it, or choose another port: PORT=3001 npm start';
  }
  return error instanceof Error ? error.message : String(error);
}
