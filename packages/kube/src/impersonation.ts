/** As whom a client wants to act (`kubectl --as`). */
export interface Impersonation {
  user: string;
  groups: readonly string[];
  uid?: string;
  extra: Readonly<Record<string, readonly string[]>>;
}

/** A request's headers, with names in lower case as Node gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

const EXTRA = 'impersonate-extra-';

/**
 * Reads the `Impersonate-…` headers; undefined when there are none. They must never be ignored: the answer would be
 * about the rights of somebody else. A request with groups but no user is one as well; then `user` is empty.
 */
export function impersonationOf(headers: RequestHeaders): Impersonation | undefined {
  const names = Object.keys(headers).filter((name) => name.startsWith('impersonate-'));
  if (names.length === 0) return undefined;
  const uid = listOf(headers['impersonate-uid'])[0];
  return {
    user: listOf(headers['impersonate-user'])[0] ?? '',
    groups: listOf(headers['impersonate-group']),
    ...(uid === undefined ? {} : { uid }),
    extra: Object.fromEntries(
      names
        .filter((name) => name.startsWith(EXTRA))
        .map((name) => [name.slice(EXTRA.length), listOf(headers[name])]),
    ),
  };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
