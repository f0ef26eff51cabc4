import { createServer, type IncomingMessage } from 'node:http';
import { createSimulator } from '@wegent/simulator';

/** A request that a model server got. */
export interface ModelRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
}

/** The simulator on a port of its own, which remembers who came with which key. */
export interface RecordingModel extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ModelRequest[];
}

/** Starts it. Lists of models repeat the key that was sent, as a careless provider may. */
export async function startRecordingModel(): Promise<RecordingModel> {
  const { handler } = createSimulator({ pace: 0 });
  const requests: ModelRequest[] = [];
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    requests.push({ method, path, headers });
    if (method !== 'GET') {
      handler(request, response);
      return;
    }
    const key = headers['x-api-key'] ?? headers.authorization;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: [{ id: 'demo', display_name: `for ${key}`, type: 'model' }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
