import type { GatewayPort } from './gateway-port.ts';

/** Bytes of an attachment or skill of the run, or undefined when the manager does not have them. */
export async function readBlob(
  port: Pick<GatewayPort, 'url'>,
  key: string,
  { maxBytes = 256 * 1024 * 1024, signal }: { maxBytes?: number; signal?: AbortSignal } = {},
): Promise<Uint8Array | undefined> {
  const address = `${port.url}/blobs/${key.split('/').map(encodeURIComponent).join('/')}`;
  const response = await fetch(address, { signal: signal ?? null });
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok || !response.body) throw new Error(`blob ${key} was answered with ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`blob ${key} has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
