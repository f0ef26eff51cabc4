import { EXIT, explainFailure } from './failure.ts';
import { createProgram } from './program.ts';

/**
 * wegent — the command line of the platform: resources, conversations and coding tasks from a terminal or a CI job.
 * It may import api and client, and knows nothing that the HTTP interface does not say.
 */

// Warnings about how libraries use Node tell whoever reads them nothing.
process.noDeprecation = true;

// `wegent … | head`: whoever reads has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.pipe);
  throw error;
});

try {
  await createProgram().parseAsync();
} catch (error) {
  const { message, exitCode } = explainFailure(error);
  if (message !== '') process.stderr.write(`wegent: ${message}\n`);
  process.exitCode = exitCode;
}
