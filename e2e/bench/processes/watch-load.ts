import { Agent, get, type IncomingMessage } from 'node:http';
import { serveParent } from '../child.ts';
import { clock } from '../clock.ts';

/** Watches that are opened, all on one collection. */
interface Watches {
  url: string;
  headers: Record<string, string>;
  count: number;
}

const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
const watchers: { response: IncomingMessage; text: string; seen: Map<string, number> }[] = [];

/** Opens watches and answers when all of them stand. */
async function open({ url, headers, count }: Watches): Promise<void> {
  // A few at a time: this is about what stands, not about how fast connections come.
  for (let opened = 0; opened < count; opened += 50) {
    await Promise.all(Array.from({ length: Math.min(50, count - opened) }, () => openOne(url, headers)));
  }
}

function openOne(url: string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`a watch answered ${response.statusCode}`));
      const watcher = { response, text: '', seen: new Map<string, number>() };
      watchers.push(watcher);
      response.setEncoding('utf8').on('data', (chunk: string) => {
        watcher.text = (watcher.text + chunk).slice(-4096);
        for (const [, mark] of watcher.text.matchAll(/mark-(\d+)-end/g)) {
          if (mark !== undefined && !watcher.seen.has(mark)) watcher.seen.set(mark, clock());
        }
      });
      resolve();
    }).on('error', reject);
  });
}

/** When each watch saw a mark, once all of them have. */
async function seen(mark: number): Promise<number[]> {
  const name = String(mark);
  const deadline = clock() + 30_000;
  while (watchers.some((watcher) => !watcher.seen.has(name))) {
    if (clock() > deadline) throw new Error(`not every watch saw change ${mark}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return watchers.map((watcher) => watcher.seen.get(name) ?? Number.NaN);
}

const handlers = { open, seen };
/** What this process is asked for. */
export type WatchLoadHandlers = typeof handlers;
serveParent(handlers);
