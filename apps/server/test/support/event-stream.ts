/** One server-sent event; `data` is parsed. */
export interface StreamedEvent {
  id: number;
  event: string;
  data: unknown;
}

/** A reader of the events of a task. */
export interface EventStream extends AsyncDisposable {
  /** The next so many events; rejects when the stream ends before. */
  take(count: number): Promise<StreamedEvent[]>;
  /** Resolves when the server has ended the stream; drops what still comes. */
  ended(): Promise<void>;
}

/** Opens `GET …/events`; rejects with the status code when it is refused. */
export async function openEventStream({
  url,
  token,
  taskId,
  after,
  lastEventId,
}: {
  url: string;
  token: string;
  taskId: string;
  after?: number;
  lastEventId?: string;
}): Promise<EventStream> {
  const stop = new AbortController();
  const query = after === undefined ? '' : `?after=${after}`;
  const response = await fetch(`${url}/api/v1/tasks/${taskId}/events${query}`, {
    headers: {
      authorization: `Bearer ${token}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: stop.signal,
  });
  if (response.status !== 200 || !response.body) throw new Error(`refused with ${response.status}`);
  const events = parse(response.body);
  return {
    async take(count) {
      const taken: StreamedEvent[] = [];
      while (taken.length < count) {
        const next = await events.next();
        if (next.done) throw new Error(`the stream ended after ${taken.length} of ${count} events`);
        taken.push(next.value);
      }
      return taken;
    },
    async ended() {
      while (!(await events.next()).done);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await events.next().catch(() => undefined);
    },
  };
}

async function* parse(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamedEvent> {
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const parts = `${rest}${chunk}`.split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1];
      const data = field('data');
      if (data !== undefined)
        yield { id: Number(field('id')), event: field('event') ?? '', data: JSON.parse(data) };
    }
  }
}
