/** Milliseconds since 1970 as an RFC 3339 string in UTC. */
export function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
