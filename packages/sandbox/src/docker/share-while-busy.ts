/** Those who want it at the same time get the same: two at once would get in each other's way. */
export function shareWhileBusy<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let busy: Promise<Value> | undefined;
  return () => {
    busy ??= work().finally(() => {
      busy = undefined;
    });
    return busy;
  };
}
