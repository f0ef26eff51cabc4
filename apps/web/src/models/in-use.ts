/**
 * Who uses an object (“Bot default/helper”), out of the server's refusal to delete it; the whole message when it
 * says so differently.
 */
export function usersNamedIn(message: string): string {
  return /is in use by ([^;]+);/.exec(message)?.[1] ?? message;
}
