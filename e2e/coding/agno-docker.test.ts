import { describeWith } from '@wegent/testing';
import { agnoFlow } from './agno-flow.ts';

describeWith(['agno', 'docker'], 'Agno in a container', () => agnoFlow('docker'));
