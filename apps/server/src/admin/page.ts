import { ApiError } from '@wegent/api';
import { z } from 'zod';

/** How a page of an administrator's list is asked for; `continue` is what the page before it gave. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  continue: z.string().max(500).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** One page; without `continue` it is the last. */
export interface Page<Item> {
  items: Item[];
  metadata: { continue?: string };
}

/** The schema of a page. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), metadata: z.object({ continue: z.string().optional() }) });
}

/** Hides the key of the last item, so that nobody depends on what it is. */
export function encodeContinue(key: string): string {
  return Buffer.from(JSON.stringify({ after: key })).toString('base64url');
}

/** The key in a `continue` token; throws `BadRequest` on anything we did not make. */
export function decodeContinue(token: string | undefined): string | undefined {
  if (token === undefined || token === '') return undefined;
  try {
    return z.strictObject({ after: z.string() }).parse(JSON.parse(Buffer.from(token, 'base64url').toString()))
      .after;
  } catch (error) {
    throw new ApiError('BadRequest', 'continue: is not a token of an earlier page', { cause: error });
  }
}
