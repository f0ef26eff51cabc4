import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Headers whose names match; lists of names instead of "all but", so that nothing slips through either way. */
export function pickHeaders(headers: IncomingHttpHeaders, wanted: RegExp): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => value !== undefined && wanted.test(name)),
  );
}

/** All headers but those of the connection, those that sign in, and those that the `connection` header names. */
export function endToEndHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && !HOP_BY_HOP.test(name) && !named.has(name),
    ),
  );
}

const HOP_BY_HOP =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|http2-settings|x-wegent-.*)$/;
