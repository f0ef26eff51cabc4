import { ApiError, type ExecutorResponse, Status, StatusReason } from '@wegent/api';
import type { z } from 'zod';

/** Bytes of an answer that is read whole. */
const MAX_JSON_BYTES = 16 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_MESSAGE_CHARACTERS = 2_000;

/**
 * Refusals that are passed on. What comes from a sandbox may come from the agent in it: it must not look like a
 * refusal of the platform, such as one that signs the reader out.
 */
const PASSED_ON: ReadonlySet<string> = new Set([
  'BadRequest',
  'NotFound',
  'Conflict',
  'Invalid',
  'RequestEntityTooLarge',
  'TooManyRequests',
  'ServiceUnavailable',
  'Timeout',
]);

/** Throws what the executor refused. */
export async function checkAnswer(response: ExecutorResponse): Promise<ExecutorResponse> {
  if (response.status >= 200 && response.status < 300) return response;
  throw refusalOf(await readAtMost(response, MAX_ERROR_BYTES).catch(() => new Uint8Array()), response.status);
}

/** Reads an answer of this shape; whatever has another one is a failure of the sandbox. */
export async function readAnswer<Schema extends z.ZodType>(
  response: ExecutorResponse,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const { body } = await checkAnswer(response);
  const bytes = await readAtMost({ body }, MAX_JSON_BYTES);
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw new ApiError('ServiceUnavailable', 'the sandbox gave an answer that makes no sense', { cause });
  }
}

async function readAtMost({ body }: Pick<ExecutorResponse, 'body'>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes)
      throw new ApiError('RequestEntityTooLarge', 'the sandbox gave an answer that is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refusalOf(bytes: Uint8Array, code: number): ApiError {
  const unclear = new ApiError('ServiceUnavailable', `the sandbox answered with ${code}`);
  try {
    const status = Status.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    const reason = StatusReason.safeParse(status.reason);
    if (!reason.success || !PASSED_ON.has(reason.data)) return unclear;
    return new ApiError(reason.data, (status.message ?? '').slice(0, MAX_MESSAGE_CHARACTERS));
  } catch {
    return unclear;
  }
}
