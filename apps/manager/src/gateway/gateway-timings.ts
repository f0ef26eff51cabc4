/** Milliseconds and bytes that the gateway allows. Suites shorten them. */
export interface GatewayTimings {
  /** Until a connection to the outside stands. */
  connectMs: number;
  /** Until a model or MCP server says its first word. */
  firstByteMs: number;
  /** Silence in the midst of an answer of a model or MCP server. */
  idleMs: number;
  /** Silence of a git host. */
  gitIdleMs: number;
  /** Silence of a tunnel of the proxy. */
  tunnelIdleMs: number;
  /** Until the sandbox has sent a body that is read as a whole. */
  bodyMs: number;
  /** Waits between the tries of a request to the model. */
  retryDelaysMs: readonly number[];
  /** The longest wait that a provider may ask for; what takes longer is told to the caller at once. */
  maxRetryWaitMs: number;
}

export const DEFAULT_TIMINGS: GatewayTimings = {
  connectMs: 10_000,
  firstByteMs: 300_000,
  idleMs: 300_000,
  gitIdleMs: 120_000,
  tunnelIdleMs: 600_000,
  bodyMs: 60_000,
  retryDelaysMs: [500, 1_500, 4_000],
  maxRetryWaitMs: 20_000,
};

/** Bytes of a request to a model. */
export const MAX_MODEL_BODY = 32 * 1024 * 1024;
/** Bytes of a message to an MCP server, or of a question of LFS. */
export const MAX_SMALL_BODY = 8 * 1024 * 1024;
/** Bytes that git or LFS sends in one request. */
export const MAX_GIT_BODY = 4 * 1024 * 1024 * 1024;
/** Bytes of bodies that one run makes the manager hold at once. */
export const MAX_HELD_BYTES = 128 * 1024 * 1024;
