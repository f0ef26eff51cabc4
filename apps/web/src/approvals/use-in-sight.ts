import { useEffect, useState } from 'react';

/** Is the end of the element with this id in sight? It may come later than this part. */
export function useInSight(id: string): boolean {
  const [inSight, setInSight] = useState(true);
  useEffect(() => {
    let observed: Element | null = null;
    const sight = new IntersectionObserver((entries) => {
      const last = entries.at(-1);
      if (last) setInSight(last.isIntersecting);
    });
    const look = () => {
      // Its last part: that is where the buttons are.
      const card = document.getElementById(id);
      const element = card?.lastElementChild ?? card;
      if (element === observed) return;
      sight.disconnect();
      observed = element;
      if (element) sight.observe(element);
      else setInSight(false);
    };
    look();
    // Folding and unfolding draw the card anew.
    const changes = new MutationObserver(look);
    changes.observe(document.body, { childList: true, subtree: true });
    return () => {
      changes.disconnect();
      sight.disconnect();
    };
  }, [id]);
  return inSight;
}
