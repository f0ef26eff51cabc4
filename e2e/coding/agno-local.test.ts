import { describeWith } from '@wegent/testing';
import { agnoFlow } from './agno-flow.ts';

describeWith(['agno', 'bubblewrap'], 'Agno in a local sandbox', () => agnoFlow('local'));
