import type { ModelEndpoint } from '@wegent/api';
import type { SandboxTurn } from '../sandbox-turn.ts';

/** Tokens that a model is taken to hold when nobody said. */
const DEFAULT_WINDOW = 200_000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Models that parts of Claude Code ask for by rank; all of them are the one that was configured. */
const RANKS = ['HAIKU', 'SONNET', 'OPUS', 'FABLE'];

/**
 * The whole environment of the agent process. It holds no key: the gateway's port inside the sandbox adds what is
 * needed, and the agent's shell can read all of this.
 */
export function environmentOf(
  model: ModelEndpoint,
  turn: Pick<SandboxTurn, 'env' | 'gatewayUrl' | 'homeFolder'>,
  configFolder: string,
): Record<string, string> {
  const { modelId, capabilities } = model;
  const small = model.env.small_model ?? model.env.ANTHROPIC_SMALL_FAST_MODEL ?? modelId;
  return {
    PATH,
    LANG: 'C.UTF-8',
    ...passedOn(model.env),
    ...turn.env,
    HOME: turn.homeFolder,
    CLAUDE_CONFIG_DIR: configFolder,
    ANTHROPIC_BASE_URL: `${turn.gatewayUrl}/model`,
    ANTHROPIC_AUTH_TOKEN: 'placeholder',
    ANTHROPIC_MODEL: modelId,
    ANTHROPIC_SMALL_FAST_MODEL: small,
    ...Object.fromEntries(
      RANKS.map((rank) => [`ANTHROPIC_DEFAULT_${rank}_MODEL`, rank === 'HAIKU' ? small : modelId]),
    ),
    NO_PROXY: withLocal(turn.env.NO_PROXY),
    no_proxy: withLocal(turn.env.no_proxy ?? turn.env.NO_PROXY),
    CLAUDE_AGENT_SDK_CLIENT_APP: 'wegent',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    // The gateway repeats what can be repeated, and knows when the run is over.
    CLAUDE_CODE_MAX_RETRIES: '1',
    CLAUDE_ENABLE_BYTE_WATCHDOG: '1',
    CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS: '120000',
    ENABLE_TOOL_SEARCH: 'false',
    // A turn ends when the agent has ended: nothing may go on behind it.
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    CLAUDE_CODE_DISABLE_CRON: '1',
    CLAUDE_CODE_DISABLE_WORKFLOWS: '1',
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
    CLAUDE_CODE_DISABLE_BUNDLED_SKILLS: '1',
    CLAUDE_CODE_AUTO_COMPACT_WINDOW: String(capabilities.contextWindow ?? DEFAULT_WINDOW),
    ...(capabilities.maxOutputTokens === undefined
      ? {}
      : { CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(capabilities.maxOutputTokens) }),
    // Root in a sandbox that does not isolate; Claude Code asks to be told.
    ...(process.getuid?.() === 0 ? { IS_SANDBOX: '1' } : {}),
  };
}

/** Variables that a Model sets for its engine, without keys; other entries of its `env` are settings of ours. */
function passedOn(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => /^[A-Z][A-Z0-9_]*$/.test(name) && !/KEY|TOKEN$|SECRET|PASSWORD/.test(name),
    ),
  );
}

function withLocal(hosts: string | undefined): string {
  return ['127.0.0.1', 'localhost', ...(hosts ?? '').split(',').filter((host) => host !== '')].join(',');
}
