/**
 * How the streams of a process share one connection: frames of one byte of type, four bytes of length (big endian) and
 * the content. `stdin` goes to the process, an empty one at its end; `stdout` and `stderr` come from it, and last one
 * `exit` whose content is one byte, the exit status. `/git-ssh` speaks it in both ways after its upgrade; the output of
 * an executor's command (`/v1/commands/{id}/output`) is such frames, too.
 */
export const PROCESS_FRAME = { stdin: 0, stdout: 1, stderr: 2, exit: 3 } as const;
export type ProcessFrameName = keyof typeof PROCESS_FRAME;

const HEAD = 5;
/** Senders keep frames below this; a longer one is no frame. */
const MAX_CONTENT = 1024 * 1024;

/** The bytes of one frame. */
export function encodeProcessFrame(name: ProcessFrameName, content: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEAD + content.length);
  frame[0] = PROCESS_FRAME[name];
  new DataView(frame.buffer).setUint32(1, content.length);
  frame.set(content, HEAD);
  return frame;
}

/**
 * Takes the bytes of a connection as they come and calls back with each whole frame. Throws when what came is no
 * frame. Content may be a view of what was given.
 */
export function createProcessFrameReader(
  onFrame: (name: ProcessFrameName, content: Uint8Array) => void,
): (chunk: Uint8Array) => void {
  let rest = new Uint8Array();
  return (chunk) => {
    let bytes = chunk;
    if (rest.length > 0) {
      bytes = new Uint8Array(rest.length + chunk.length);
      bytes.set(rest);
      bytes.set(chunk, rest.length);
    }
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const name = NAMES[bytes[at] ?? -1];
      const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(1);
      if (name === undefined || length > MAX_CONTENT) throw new Error('not a frame of git-ssh');
      if (bytes.length - at < HEAD + length) break;
      onFrame(name, bytes.subarray(at + HEAD, at + HEAD + length));
      at += HEAD + length;
    }
    rest = bytes.slice(at);
  };
}

const NAMES: readonly (ProcessFrameName | undefined)[] = ['stdin', 'stdout', 'stderr', 'exit'];
