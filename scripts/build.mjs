import { buildChanged } from './build.ts';

await buildChanged();
