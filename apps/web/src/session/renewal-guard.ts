const LOCK = 'wegent.renewal';
const MARK = 'wegent.renewing';
const MARK_LIFETIME_MS = 5000;
const SETTLE_MS = 1000;

/**
 * Runs one renewal of the session at a time in this browser. A refresh token is good for one use, and using it
 * twice ends the session: so tabs take turns, and a page that was reloaded during a renewal first lets the
 * abandoned one store its cookie.
 */
export async function renewAlone<Result>(renew: () => Promise<Result>): Promise<Result> {
  const guarded = async () => {
    await settleAbandoned();
    mark(String(Date.now()));
    try {
      return await renew();
    } finally {
      mark(undefined);
    }
  };
  // Web Locks exist in secure contexts only; elsewhere tabs may collide, which costs a new sign-in.
  return 'locks' in navigator ? navigator.locks.request(LOCK, guarded) : guarded();
}

async function settleAbandoned(): Promise<void> {
  const began = Number(readMark());
  if (!(Date.now() - began < MARK_LIFETIME_MS)) return;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

function readMark(): string | null {
  try {
    return sessionStorage.getItem(MARK);
  } catch {
    return null;
  }
}

function mark(value: string | undefined): void {
  try {
    if (value === undefined) sessionStorage.removeItem(MARK);
    else sessionStorage.setItem(MARK, value);
  } catch {
    // Storage may be blocked; the mark only guards against a rare collision.
  }
}
