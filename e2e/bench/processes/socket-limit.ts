import { createServer } from 'node:http';
import { Server, type Socket } from 'socket.io';
import { serveParent } from '../child.ts';
import { clock } from '../clock.ts';

/** Streams that each socket asks for with `chat:send`, as the load process does with the product. */
interface Ask {
  message: string;
}

/** Starts a Socket.IO server that does nothing but emit at the asked pace; answers its address. */
async function listen(): Promise<string> {
  const http = createServer();
  const io = new Server(http, { path: '/socket.io', serveClient: false, perMessageDeflate: false });
  let streams = 0;
  io.of('/chat').on('connection', (socket) => {
    socket.on('chat:send', ({ message }: Ask, acknowledge: (answer: object) => void) => {
      const [words = 0, pace = 1] = (message.match(/\d+/g) ?? []).map(Number);
      const id = `00000000-0000-7000-8000-${String(++streams).padStart(12, '0')}`;
      acknowledge({ ok: true, taskId: id, messageId: id, executionIds: [id] });
      void stream(socket, { id, words, pace });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

/** The payloads of the product: one delta each. */
async function stream(
  socket: Socket,
  { id, words, pace }: { id: string; words: number; pace: number },
): Promise<void> {
  const place = { taskId: id, messageId: id, executionId: id };
  const started = performance.now();
  for (let word = 0; word < words; word += 1) {
    const wait = started + (word * 1000) / pace - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const event = { type: 'text-delta', blockId: 'a1-t1', text: `${clock().toFixed(2)} ` };
    socket.emit('chat:chunk', { ...place, seq: word + 3, events: [event] });
  }
  socket.emit('chat:done', { ...place, seq: words + 3 });
}

/** Resident bytes of this process. */
function memory(): number {
  return process.memoryUsage().rss;
}

const handlers = { listen, memory };
/** What this process is asked for. */
export type SocketLimitHandlers = typeof handlers;
serveParent(handlers);
