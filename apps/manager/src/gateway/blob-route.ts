import type { ExecutionSpec } from '@wegent/api';
import { sendText } from './answers.ts';
import type { Exchange } from './exchange.ts';

/** Gives bytes of attachments and skills that the spec of the run names, and of nothing else. */
export async function serveBlob({ pass, request, response, path }: Exchange): Promise<void> {
  if (request.method !== 'GET') return sendText(response, 405, 'Blobs are read with GET.\n', { close: true });
  const key = decodeURIComponent(path.slice(1));
  const bytes = pass.run && blobKeysOf(pass.run).has(key) ? await pass.readBlob(key) : undefined;
  if (!bytes) return sendText(response, 404, 'This run has no such file.\n');
  if (response.destroyed) return;
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': bytes.length,
  });
  response.end(bytes);
}

function blobKeysOf({ history, input, skills }: ExecutionSpec): ReadonlySet<string> {
  const attachments = [...history, input].flatMap((message) => message.attachments ?? []);
  return new Set([
    ...attachments.flatMap(({ blobKey }) => (blobKey === undefined ? [] : [blobKey])),
    ...skills.flatMap(({ archive }) => (archive === undefined ? [] : [archive.blobKey])),
  ]);
}
