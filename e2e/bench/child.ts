import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** What a helper process can be asked for, by name. */
export type Handlers = Record<string, (input: never) => unknown>;

type Input<Handler> = Handler extends (input: infer Value) => unknown ? Value : never;
type Output<Handler> = Handler extends (input: never) => infer Value ? Awaited<Value> : never;

/** A helper process: load and limits run outside the process that measures and the one that is measured. */
export interface Helper<Served extends Handlers> extends AsyncDisposable {
  pid: number;
  call<Name extends keyof Served & string>(
    name: Name,
    input: Input<Served[Name]>,
  ): Promise<Output<Served[Name]>>;
}

interface Request {
  id: number;
  name: string;
  input: unknown;
}

type Response = { id: number; output: unknown } | { id: number; error: string };

/** Starts a file of `processes/`; its type parameter is the type of the handlers that it serves. */
export function startHelper<Served extends Handlers>(file: string): Helper<Served> {
  const child = fork(path.join(import.meta.dirname, 'processes', file), { serialization: 'advanced' });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  child.on('message', (message) => {
    const response = message as Response;
    const caller = waiting.get(response.id);
    waiting.delete(response.id);
    if ('error' in response) caller?.reject(new Error(`${file}: ${response.error}`));
    else caller?.resolve(response.output as never);
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with code ${code}`));
    waiting.clear();
  });
  return {
    pid: child.pid ?? 0,
    call: (name, input) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        child.send({ id, name, input } satisfies Request);
      }),
    [Symbol.asyncDispose]: () => stop(child),
  };
}

/** Serves the handlers to the process that started this one, and ends with it. */
export function serveParent(handlers: Handlers): void {
  process.on('message', (message) => {
    const { id, name, input } = message as Request;
    Promise.resolve()
      .then(() => handlers[name]?.(input as never))
      .then((output) => process.send?.({ id, output } satisfies Response))
      .catch((error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        process.send?.({ id, error: text } satisfies Response);
      });
  });
  process.on('disconnect', () => process.exit());
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
