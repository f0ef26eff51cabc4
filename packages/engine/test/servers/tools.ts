import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

/** An MCP server with a tool that answers, one that fails, one that never answers and one that shows its environment. */
export function createToolServer(): McpServer {
  const server = new McpServer({ name: 'test', version: '1.0.0' });
  server.registerTool(
    'add_numbers',
    { description: 'Adds two numbers.', inputSchema: { a: z.number(), b: z.number() } },
    ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }),
  );
  server.registerTool('fail', { title: 'Always fails' }, () => ({
    content: [{ type: 'text', text: 'no luck today' }],
    isError: true,
  }));
  server.registerTool('sleep', {}, () => new Promise<never>(() => undefined));
  server.registerTool('environment', {}, () => ({
    // biome-ignore lint/style/noProcessEnv: what the process was given is what this tool is about
    content: [{ type: 'text', text: JSON.stringify({ pid: process.pid, ...process.env }) }],
  }));
  return server;
}
