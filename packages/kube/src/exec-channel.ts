import type { Status } from '@wegent/api';

/** The sub-protocols of WebSocket in which shells are opened; the first that a client offers is taken. */
export const EXEC_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;
export type ExecProtocol = (typeof EXEC_PROTOCOLS)[number];

/** What travels on the channels of a shell. */
export const EXEC_CHANNELS = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** A frame that came from a client. */
export type ExecFrame =
  | { type: 'stdin'; data: Uint8Array }
  | { type: 'resize'; columns: number; rows: number }
  /** Nothing more comes on the channel. */
  | { type: 'close'; channel: number }
  /** Neither of these; to be passed over. */
  | { type: 'other' };

const MAX_SIZE = 65_535;

/** The protocol to speak with a client; undefined when it offers none that is known. */
export function chooseExecProtocol(offered: Iterable<string>): ExecProtocol | undefined {
  const names = new Set(offered);
  return EXEC_PROTOCOLS.find((protocol) => names.has(protocol));
}

/** Reads a frame. Whatever does not make sense is `other`. */
export function decodeExecFrame(frame: Uint8Array): ExecFrame {
  const data = frame.subarray(1);
  switch (frame[0]) {
    case EXEC_CHANNELS.stdin:
      return { type: 'stdin', data };
    case EXEC_CHANNELS.resize:
      return decodeResize(data);
    case EXEC_CHANNELS.close: {
      const [channel] = data;
      return channel === undefined ? { type: 'other' } : { type: 'close', channel };
    }
    default:
      return { type: 'other' };
  }
}

/** Writes a frame with output. */
export function encodeExecFrame(channel: 'stdout' | 'stderr', data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(data.length + 1);
  frame[0] = EXEC_CHANNELS[channel];
  frame.set(data, 1);
  return frame;
}

/** The last frame: how the command ended. kubectl exits with the same code. */
export function encodeExit(outcome: { exitCode: number } | { error: string }): Uint8Array {
  return statusFrame('error' in outcome ? failed(outcome.error) : exited(outcome.exitCode));
}

function exited(exitCode: number): object {
  if (exitCode === 0) return { metadata: {}, status: 'Success' } satisfies Partial<Status>;
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function failed(message: string): object {
  return { metadata: {}, status: 'Failure', reason: 'InternalError', message, code: 500 };
}

function statusFrame(status: object): Uint8Array {
  const data = new TextEncoder().encode(JSON.stringify(status));
  const frame = new Uint8Array(data.length + 1);
  frame[0] = EXEC_CHANNELS.error;
  frame.set(data, 1);
  return frame;
}

function decodeResize(data: Uint8Array): ExecFrame {
  try {
    const size: unknown = JSON.parse(new TextDecoder().decode(data));
    if (typeof size === 'object' && size !== null && 'Width' in size && 'Height' in size) {
      const { Width: columns, Height: rows } = size;
      if (isSize(columns) && isSize(rows)) return { type: 'resize', columns, rows };
    }
  } catch {
    // A client that sends nonsense keeps the size it had.
  }
  return { type: 'other' };
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_SIZE;
}
