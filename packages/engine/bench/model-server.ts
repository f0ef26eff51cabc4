import { createSimulator } from '@wegent/simulator';

/** The simulator in a process of its own, so that its work does not count; says its address to its parent. */
const { url } = await createSimulator({ pace: 0 }).listen();
process.on('disconnect', () => process.exit());
process.send?.(url);
