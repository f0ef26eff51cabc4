/** Node's words for a certificate that nobody known has signed. */
const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Did a request fail because the authority behind the server's certificate is unknown here? */
export function isUnknownAuthority(error: unknown): boolean {
  const { code } = rootOf(error);
  return code !== undefined && UNKNOWN_AUTHORITY.has(code);
}

/** Why a request did not reach the server, and what helps where that is known. */
export function whyUnreachable(error: unknown): string {
  const { message, code } = rootOf(error);
  if (isUnknownAuthority(error))
    return `its certificate is signed by an authority that is unknown here (${code}); \`wegent login --server URL\` can trust it, and so does NODE_EXTRA_CA_CERTS=FILE in jobs`;
  return message === '' ? (code ?? 'for no reason that is known') : message;
}

/** `fetch failed` says nothing; what is below it does. */
function rootOf(error: unknown): { message: string; code: string | undefined } {
  let root = error;
  for (let depth = 0; depth < 5 && root instanceof Error && root.cause !== undefined; depth += 1)
    root = root.cause;
  // An address with several numbers fails once for each.
  if (root instanceof AggregateError && root.errors[0] instanceof Error) [root] = root.errors;
  const code =
    root instanceof Error && 'code' in root && typeof root.code === 'string' ? root.code : undefined;
  return { message: root instanceof Error ? root.message : String(root), code };
}
