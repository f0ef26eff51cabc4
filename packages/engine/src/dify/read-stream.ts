import { DifyEvent } from './dify-event.ts';
import { DifySilent, DifyStreamBroken } from './dify-fault.ts';

/** Characters of one event; speech in base64 is the longest there is. */
const MAX_LINE = 16 * 1024 * 1024;

/**
 * The events of a stream, until it ends. Lines that are no events are passed over: proxies put comments in between.
 * Rejects with DifyStreamBroken when nothing but such lines came, and with DifySilent after `quietMs` without a byte.
 */
export async function* readStream(
  body: ReadableStream<Uint8Array>,
  { onBytes, quietMs }: { onBytes: () => void; quietMs: number },
): AsyncGenerator<DifyEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let held: string[] = [];
  let length = 0;
  let events = 0;
  let strange = '';
  try {
    for (;;) {
      const { done, value } = await readWithin(reader, quietMs);
      onBytes();
      const chunk = done ? `${decoder.decode()}\n` : decoder.decode(value, { stream: true });
      held.push(chunk);
      length += chunk.length;
      if (length > MAX_LINE) throw new DifyStreamBroken('an event of the stream is too long');
      // Joined only where a line ends: a long one in small pieces must not be copied for each of them.
      if (!/[\r\n]/.test(chunk)) continue;
      const lines = held.join('').split(/\r\n|\n|\r(?!$)/);
      const rest = lines.pop() ?? '';
      held = [rest];
      length = rest.length;
      for (const line of lines) {
        const event = parseLine(line);
        if (event) {
          events++;
          yield event;
        } else if (isStrange(line)) {
          strange ||= line.slice(0, 500);
        }
      }
      if (!done) continue;
      if (events === 0 && strange !== '') throw new DifyStreamBroken(`the stream held no events: ${strange}`);
      return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parseLine(line: string): DifyEvent | undefined {
  if (!line.startsWith('data:')) return undefined;
  try {
    const parsed = DifyEvent.safeParse(JSON.parse(line.slice('data:'.length)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

// A ping is a bare `event: ping`; comments begin with a colon.
function isStrange(line: string): boolean {
  return line.trim() !== '' && !/^(?::|event:|id:|retry:)/.test(line);
}

async function readWithin(reader: ReadableStreamDefaultReader<Uint8Array>, quietMs: number) {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DifySilent(quietMs)), quietMs);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
