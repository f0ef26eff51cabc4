import { describeWith } from '@wegent/testing';
import { escapeSuite } from './escape.ts';

describeWith(['claude-code', 'bubblewrap'], 'out of the local sandbox of a coding task', () =>
  escapeSuite('local'),
);
