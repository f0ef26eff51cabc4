import { describeWith } from '@wegent/testing';
import { codingFlow } from './flow.ts';

describeWith(['claude-code', 'docker'], 'a coding task in a container', () => codingFlow('docker'));
