import type { Verb } from './roles.ts';

/** What somebody wants to do. `kind` is a kind's name (`Team`); without `name` it is about all of the kind. */
export interface Wish {
  verb: Verb;
  /** The right that it takes, where that is another one than the verb. */
  right?: Verb | undefined;
  kind: string;
  namespace: string;
  name?: string | undefined;
}
