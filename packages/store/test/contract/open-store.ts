import type { Store } from '../../src/index.ts';

/** Opens a store on the suite's database: empty with `fresh`, else the one that all tests of the suite share. */
export interface StoreUnderTest {
  /** The shared store. Tests use names of their own. */
  shared(): Store;
  /** A store on an empty database; it is closed when the suite ends. `again` opens the same one once more. */
  fresh(onQuery?: (sql: string) => void): Promise<{ store: Store; again?: () => Promise<Store> }>;
}
