import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createToolServer } from './tools.ts';

/** MCP over HTTP: `/mcp` streamable, `/sse` the older kind, `/silent` never answers. */
export async function startMcpServer(): Promise<{
  url: string;
  headers: IncomingMessage['headers'][];
  close(): Promise<void>;
}> {
  const sessions = new Map<string, SSEServerTransport>();
  const headers: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers);
    void serve(request, response, sessions);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  sessions: Map<string, SSEServerTransport>,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/silent') return;
  if (url.pathname === '/mcp') {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const transport = new StreamableHTTPServerTransport();
    // The declared types of the SDK do not agree with each other under exactOptionalPropertyTypes.
    await createToolServer().connect(
      transport as Parameters<ReturnType<typeof createToolServer>['connect']>[0],
    );
    return transport.handleRequest(request, response);
  }
  if (url.pathname === '/sse') {
    const transport = new SSEServerTransport('/messages', response);
    sessions.set(transport.sessionId, transport);
    return createToolServer().connect(transport);
  }
  const session = sessions.get(url.searchParams.get('sessionId') ?? '');
  if (session) return session.handlePostMessage(request, response);
  response.writeHead(404).end('not found');
}
