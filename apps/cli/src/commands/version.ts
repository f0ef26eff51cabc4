import { createHttpClient } from '@wegent/client';
import type { Command } from 'commander';
import { z } from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import { chooseServer, type GlobalOptions } from '../connect.ts';
import { readFormat } from '../output/formats.ts';

const FORMATS = ['text', 'json'] as const;
const Served = z.object({ gitVersion: z.string().regex(/wegent\./) });

interface VersionOptions extends GlobalOptions {
  output: (typeof FORMATS)[number];
  client?: boolean;
}

/** `wegent version`: this command's, and the server's. */
export function registerVersion(program: Command): void {
  program
    .command('version')
    .summary('print the versions of this command and of the server')
    .option('--client', 'only of this command')
    .option('-o, --output <format>', FORMATS.join(', '), (word) => readFormat(word, FORMATS), 'text')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<VersionOptions>();
      const versions: Record<string, string> = { client: manifest.version };
      const server = options.client ? undefined : await chooseServer(options);
      try {
        if (server !== undefined) versions.server = await versionOf(server);
      } finally {
        process.stdout.write(
          options.output === 'json'
            ? `${JSON.stringify(versions)}\n`
            : Object.entries(versions)
                .map(([side, version]) => `${side} ${version}\n`)
                .join(''),
        );
      }
      if (versions.server !== undefined && versions.server !== versions.client)
        process.stderr.write(
          `The versions differ; ${server}/cli/wegent.mjs is the command of that server.\n`,
        );
    });
}

async function versionOf(server: string): Promise<string> {
  const answer = await createHttpClient({ baseUrl: server }).request('GET', '/version', {
    authorized: false,
  });
  const { gitVersion } = Served.parse(answer);
  return gitVersion.slice(gitVersion.indexOf('wegent.') + 'wegent.'.length);
}
