import type { SandboxTurn } from '../sandbox-turn.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The whole environment of the bridge, and of the MCP servers that it starts. It holds no key. */
export function environmentOf(
  turn: Pick<SandboxTurn, 'env' | 'homeFolder'>,
  mark: string,
): Record<string, string> {
  const { NO_PROXY, no_proxy = NO_PROXY } = turn.env;
  return {
    PATH,
    LANG: 'C.UTF-8',
    ...turn.env,
    HOME: turn.homeFolder,
    NO_PROXY: withLocal(NO_PROXY),
    no_proxy: withLocal(no_proxy),
    AGNO_TELEMETRY: 'false',
    // Its log is a tail for experts: without colours, and lines as they are.
    NO_COLOR: '1',
    COLUMNS: '400',
    PYTHONIOENCODING: 'utf-8',
    WEGENT_AGNO: mark,
  };
}

function withLocal(hosts: string | undefined): string {
  return ['127.0.0.1', 'localhost', ...(hosts ?? '').split(',').filter((host) => host !== '')].join(',');
}
