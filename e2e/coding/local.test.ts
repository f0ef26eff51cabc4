import { describeWith } from '@wegent/testing';
import { codingFlow } from './flow.ts';

describeWith(['claude-code', 'bubblewrap'], 'a coding task in a local sandbox', () => codingFlow('local'));
