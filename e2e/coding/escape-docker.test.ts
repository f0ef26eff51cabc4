import { describeWith } from '@wegent/testing';
import { escapeSuite } from './escape.ts';

describeWith(['claude-code', 'docker'], 'out of the container of a coding task', () => escapeSuite('docker'));
