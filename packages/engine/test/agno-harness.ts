import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ExecutionSpec } from '@wegent/api';
import { createSandbox, type Sandbox } from './claude-harness.ts';

export { historyAfter, type Sandbox } from './claude-harness.ts';

/** A sandbox whose agents are Agno's. */
export function createAgnoSandbox(options: Parameters<typeof createSandbox>[0] = {}): Promise<Sandbox> {
  return createSandbox({ protocol: 'openai-chat', ...options, shellType: 'Agno' });
}

/** An MCP server as a program. */
export const STDIO = {
  command: process.execPath,
  args: [fileURLToPath(new URL('servers/stdio-server.ts', import.meta.url))],
  env: { TOKEN: 'given' },
};

/** Processes that a bridge of that sandbox has started, itself among them. */
export async function bridgePids(home: string): Promise<number[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
      const variables = environment.split('\0');
      const isOurs = variables.includes(`HOME=${home}`) && /(^|\0)WEGENT_AGNO=/.test(environment);
      return isOurs ? [Number(name)] : [];
    }),
  );
  return found.flat();
}

/** Tool steps of a run. */
export function toolsOf(fold: Awaited<ReturnType<Sandbox['run']>>['fold']) {
  return fold.blocks
    .filter((block) => block.type === 'tool')
    .map(({ tool, title, output, isError, done }) => ({ tool, title, output, isError, done }));
}

/** Gives the spec MCP servers. */
export function withServers(servers: ExecutionSpec['mcpServers']) {
  return (spec: ExecutionSpec) => {
    spec.mcpServers = servers;
  };
}
