import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { MCPTransport } from '@ai-sdk/mcp';
import { validateJSONRPCMessage } from '@ai-sdk/mcp';

/** Program, arguments and environment of a stdio MCP server. */
export interface StdioCommand {
  command: string;
  args: string[];
  /** All of its environment: nothing is inherited. */
  env: Record<string, string>;
}

/** How long a server may take to leave by itself when its input ends. */
const LEAVE_MS = 500;
const STDERR_TAIL = 2_000;

/** A transport, and the end of what the server said on stderr. */
export interface StdioTransport extends MCPTransport {
  readonly stderrTail: string;
}

/**
 * Talks to an MCP server over its standard streams. Not the SDK's transport: that one hands on variables of this
 * process and leaves grandchildren (`npx …`) behind; here the whole process group ends, and `close` waits for it.
 */
export function createStdioTransport({ command, args, env }: StdioCommand): StdioTransport {
  let child: ChildProcessWithoutNullStreams | undefined;
  let exited: Promise<void> = Promise.resolve();
  let tail = '';
  const transport: StdioTransport = {
    supportsProtocolVersionDiscovery: true,
    get stderrTail() {
      return tail;
    },
    start: () =>
      new Promise((resolve, reject) => {
        const started = spawn(command, args, {
          env: { ...defaultEnvironment(), ...env },
          cwd: tmpdir(),
          detached: true,
        });
        const end = Promise.withResolvers<void>();
        exited = end.promise;
        child = started;
        started.once('spawn', resolve);
        started.on('error', (error) => {
          reject(error);
          end.resolve();
          transport.onerror?.(error);
        });
        started.once('close', () => {
          end.resolve();
          transport.onclose?.();
        });
        started.stdin.on('error', (error) => transport.onerror?.(error));
        started.stderr.setEncoding('utf8').on('data', (text: string) => {
          tail = (tail + text).slice(-STDERR_TAIL);
        });
        createInterface({ input: started.stdout }).on('line', (line) => void receive(line));
      }),
    send: (message) =>
      new Promise((resolve, reject) => {
        if (!child?.stdin.writable) return reject(new Error('the MCP server has ended'));
        child.stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
      }),
    close: async () => {
      if (!child || child.pid === undefined) return;
      const { pid } = child;
      child.stdin.end();
      const kill = setTimeout(() => killGroup(pid, 'SIGKILL'), LEAVE_MS);
      killGroup(pid, 'SIGTERM');
      await exited;
      clearTimeout(kill);
      // Grandchildren that outlived their parent.
      killGroup(pid, 'SIGKILL');
    },
  };
  const receive = async (line: string) => {
    try {
      transport.onmessage?.(await validateJSONRPCMessage(JSON.parse(line)));
    } catch (cause) {
      transport.onerror?.(new Error('the MCP server wrote a line that is no JSON-RPC message', { cause }));
    }
  };
  return transport;
}

/** Enough to find programs; nothing of this process's own settings. */
function defaultEnvironment(): Record<string, string> {
  const path = [
    dirname(process.execPath),
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/sbin',
    '/usr/bin',
    '/sbin',
    '/bin',
  ];
  return { PATH: path.join(':'), HOME: homedir(), TMPDIR: tmpdir(), LANG: 'C.UTF-8' };
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}
