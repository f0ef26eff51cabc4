import type { Principal } from '../auth/principal.ts';
import { isUnrestricted } from '../executions/outbound-rule.ts';
import { parseDomain } from './git-domain.ts';

/** Makes the `fetch` of somebody who may reach these private addresses; all when there is no list. */
export type FetchFor = (allow: readonly string[] | undefined) => typeof globalThis.fetch;

/** Whose addresses they are. */
type Person = Pick<Principal, 'role' | 'namespace'>;

/** What people may reach of the network, see `createHostReach`. */
export type HostReach = ReturnType<typeof createHostReach>;

/** The rule of Models, for git hosts: administrators reach everything, others what is public or listed. */
export function createHostReach({
  fetchFor,
  outboundAllow,
}: {
  fetchFor: FetchFor;
  outboundAllow: readonly string[];
}) {
  const listed = new Set(outboundAllow.map((pair) => pair.toLowerCase()));
  const isFree = (person: Person) => isUnrestricted(person, [person.namespace]);
  return {
    fetchOf: (person: Person) => fetchFor(isFree(person) ? undefined : outboundAllow),

    /** The schemes to try for a host of which nothing is known: plain HTTP only where the operator vouches for it. */
    schemesOf(person: Person, domain: string): ('https' | 'http')[] {
      const { hostname, port = 80 } = parseDomain(domain);
      const isLoopback = hostname === 'localhost' || /^127(\.\d{1,3}){3}$/.test(hostname);
      const mayBePlain = listed.has(`${hostname}:${port}`) || (isLoopback && isFree(person));
      return mayBePlain ? ['https', 'http'] : ['https'];
    },
  };
}
