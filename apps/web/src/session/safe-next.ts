const HOME = '/chat';

/**
 * Where to go after signing in. `next` comes from the address bar, so only a path of this site is believed;
 * anything that a browser could read as another site (`//host`, `/\host`, a scheme) leads home.
 */
export function safeNext(next: string | null): string {
  if (!next?.startsWith('/')) return HOME;
  const base = 'http://same.invalid';
  const url = URL.canParse(next, base) ? new URL(next, base) : undefined;
  if (!url || url.origin !== base) return HOME;
  if (url.pathname === '/' || /^\/(login|setup)\/?$/.test(url.pathname)) return HOME;
  return `${url.pathname}${url.search}${url.hash}`;
}
