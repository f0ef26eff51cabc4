/** Which members' forms are open after one was moved. */
export function openAfterMove(open: ReadonlySet<number>, from: number, to: number): ReadonlySet<number> {
  const placeOf = (index: number) => {
    if (index === from) return to;
    if (from < index && index <= to) return index - 1;
    if (to <= index && index < from) return index + 1;
    return index;
  };
  return new Set([...open].map(placeOf));
}

/** Which members' forms are open after one was taken out. */
export function openAfterRemoval(open: ReadonlySet<number>, removed: number): ReadonlySet<number> {
  return new Set(
    [...open].filter((index) => index !== removed).map((index) => (index > removed ? index - 1 : index)),
  );
}
