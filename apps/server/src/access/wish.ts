import type { Verb } from './roles.ts';

/** What somebody wants to do. `kind` is a kind's name (`Team`); without `name` it is about all of the kind. */
export interface Wish {
  verb: Verb;
  kind: string;
  namespace: string;
  name?: string | undefined;
}
