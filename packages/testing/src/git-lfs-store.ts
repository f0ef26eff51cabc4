import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const LFS_TYPE = 'application/vnd.git-lfs+json';

/**
 * The LFS side of a git host, in memory: batch, upload and download. As some real hosts do, it hands the credential of
 * the request back in the headers of each action.
 */
export function createGitLfsStore() {
  const objects = new Map<string, Buffer>();

  async function batch(request: IncomingMessage, response: ServerResponse, base: string): Promise<void> {
    const asked = JSON.parse((await readAll(request)).toString('utf8')) as {
      operation: string;
      objects: { oid: string; size: number }[];
    };
    const { authorization } = request.headers;
    const header = authorization === undefined ? {} : { Authorization: authorization };
    const answers = asked.objects.map(({ oid, size }) => {
      const action = { href: `${base}/info/lfs/objects/${oid}`, header, expires_in: 600 };
      if (asked.operation === 'upload')
        return { oid, size, ...(objects.has(oid) ? {} : { actions: { upload: action } }) };
      if (objects.has(oid)) return { oid, size, actions: { download: action } };
      return { oid, size, error: { code: 404, message: 'no such object' } };
    });
    response.writeHead(200, { 'content-type': LFS_TYPE });
    response.end(JSON.stringify({ transfer: 'basic', objects: answers }));
  }

  async function object(request: IncomingMessage, response: ServerResponse, oid: string): Promise<void> {
    if (request.method === 'PUT') {
      const content = await readAll(request);
      const isRight = createHash('sha256').update(content).digest('hex') === oid;
      if (isRight) objects.set(oid, content);
      return void response.writeHead(isRight ? 200 : 422).end();
    }
    const content = objects.get(oid);
    response.writeHead(content ? 200 : 404, { 'content-type': 'application/octet-stream' }).end(content);
  }

  return {
    objects,
    /** Answers what follows `/info/lfs` of a repository whose address is `base`. */
    async serve({
      request,
      response,
      base,
      path,
    }: {
      request: IncomingMessage;
      response: ServerResponse;
      base: string;
      path: string;
    }): Promise<void> {
      const oid = /^\/objects\/([0-9a-f]{64})$/.exec(path)?.[1];
      if (path === '/objects/batch' && request.method === 'POST') return batch(request, response, base);
      if (oid !== undefined) return object(request, response, oid);
      response.writeHead(404, { 'content-type': LFS_TYPE }).end('{"message":"not here"}');
    },
  };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
