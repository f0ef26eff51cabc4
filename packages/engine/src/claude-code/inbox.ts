/** A stream that is written to by hand: what an agent process reads until it is ended. */
export interface Inbox<Item> extends AsyncIterable<Item> {
  push(item: Item): void;
  end(): void;
}

/** Makes an inbox; one reader. */
export function createInbox<Item>(): Inbox<Item> {
  const items: Item[] = [];
  let ended = false;
  let wake = Promise.withResolvers<void>();
  return {
    push: (item) => {
      items.push(item);
      wake.resolve();
    },
    end: () => {
      ended = true;
      wake.resolve();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        for (let item = items.shift(); item !== undefined; item = items.shift()) yield item;
        if (ended) return;
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    },
  };
}
