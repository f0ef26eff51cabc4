import { addColumns } from './add-columns.ts';
import { optionalId, optionalKey } from './create-table.ts';
import type { Migration } from './migration.ts';

/** Which Team an answer is a turn of, and where it stands in the line of that Team. */
export const turnLines: Migration = async (database) => {
  // Columns that may be null, so that a server of the release before goes on writing rows.
  await addColumns(database, 'messages', { team_uid: optionalId, turn_line: optionalKey(16) });
};
