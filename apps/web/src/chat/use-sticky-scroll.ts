import { useCallback, useEffect, useRef, useState } from 'react';

/** Pixels from the end at which scrolling down sticks to it again. */
const NEAR = 48;
/** Pixels from the end at which a way back is offered. */
const FAR = 160;

/**
 * Keeps a scrolled list at its end while it grows, until the person scrolls up.
 * `away` is true when the newest is out of sight.
 */
export function useStickyScroll() {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [away, setAway] = useState(false);

  useEffect(() => {
    const list = scroller.current;
    if (!list || !content.current) return;
    let last = list.scrollTop;
    const distance = () => list.scrollHeight - list.scrollTop - list.clientHeight;
    const look = () => setAway(!stuck.current && distance() > FAR);
    const onScroll = () => {
      // What grows below moves the end away without moving the view: only moving up is a wish to leave.
      if (list.scrollTop < last - 1 && distance() > 4) stuck.current = false;
      else if (list.scrollTop >= last && distance() < NEAR) stuck.current = true;
      last = list.scrollTop;
      look();
    };
    const observer = new ResizeObserver(() => {
      if (stuck.current) list.scrollTop = list.scrollHeight;
      look();
    });
    observer.observe(content.current);
    observer.observe(list);
    list.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      list.removeEventListener('scroll', onScroll);
    };
  }, []);

  const toEnd = useCallback(() => {
    const list = scroller.current;
    stuck.current = true;
    setAway(false);
    if (list) list.scrollTop = list.scrollHeight;
  }, []);
  return { scroller, content, away, toEnd };
}
