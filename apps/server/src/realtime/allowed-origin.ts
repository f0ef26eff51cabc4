/**
 * Decides whether a browser page may open a socket: programs send no Origin; pages must come from this
 * server's own address or from PUBLIC_URL.
 */
export function createOriginRule(
  publicUrl: string | undefined,
): (origin: string | undefined, host: string | undefined) => boolean {
  const own = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  return (origin, host) => {
    if (origin === undefined) return true;
    if (origin === own) return true;
    try {
      return host !== undefined && new URL(origin).host === host;
    } catch {
      return false;
    }
  };
}
