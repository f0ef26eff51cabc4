/** The token of a request's `Authorization: Bearer …` header; undefined when there is none. */
export function bearerOf(request: { headers: { authorization?: string | undefined } }): string | undefined {
  return /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}
