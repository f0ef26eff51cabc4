/** A process that takes a job, says so on its standard output and never finishes it. Arguments: URL and queue name. */
import { openQueue } from '../src/index.ts';

const [url, name = ''] = process.argv.slice(2);
const queue = await openQueue({ url, name, redeliverAfterMs: 1000 });
queue.consume({
  concurrency: 1,
  handler: ({ id }) => {
    console.log(id);
    return new Promise(() => {});
  },
});
