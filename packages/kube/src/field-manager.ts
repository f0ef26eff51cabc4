const MAX_MANAGER = 128;

/** The field manager of a client that names none: what its user agent begins with. */
export function managerOfUserAgent(userAgent: string | undefined): string {
  const [product = ''] = (userAgent ?? '').split('/');
  const printable = product
    .replaceAll(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, MAX_MANAGER);
  return printable === '' ? 'unknown' : printable;
}
