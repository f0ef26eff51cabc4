import { resources } from './0001-resources.ts';
import { accounts } from './0002-accounts.ts';
import { conversations } from './0003-conversations.ts';
import { records } from './0004-records.ts';
import { executors } from './0005-executors.ts';
import { kubernetes } from './0006-kubernetes.ts';
import { turnLines } from './0007-turn-lines.ts';
import type { Migration } from './migration.ts';

/** All steps in their order. A step that has been released is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-resources': resources,
  '0002-accounts': accounts,
  '0003-conversations': conversations,
  '0004-records': records,
  '0005-executors': executors,
  '0006-kubernetes': kubernetes,
  '0007-turn-lines': turnLines,
};
