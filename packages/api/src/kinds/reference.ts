import { z } from 'zod';
import { ObjectName } from '../meta.ts';

/** A reference by name; it resolves in the given namespace, else the referrer's, else `public`. */
export const ObjectReference = z.object({
  name: ObjectName.describe('Name of the object.'),
  namespace: ObjectName.optional().describe("Its namespace; the referrer's when absent."),
});
export type ObjectReference = z.infer<typeof ObjectReference>;
