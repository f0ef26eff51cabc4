import type { Database } from '../database.ts';

/** One step of the schema. It can be repeated: on MySQL a crash may leave it half done. */
export type Migration = (database: Pick<Database, 'db' | 'dialect'>) => Promise<void>;
