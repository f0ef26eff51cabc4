import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * An internal network still lets containers reach whatever listens on all addresses of this host, through the bridge
 * they hang on. These rules close it: answers to the manager pass, nothing begins inside. What is to be forwarded is
 * refused too, so that not all hangs on rules that Docker, or whoever else changes the firewall, may lose.
 * The last comes first: each goes to the top, and at no time may the wider rule stand above the narrower one.
 */
const RULES = [
  ['FORWARD', '-j REJECT'],
  ['INPUT', '-j REJECT'],
  ['INPUT', '-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT'],
] as const;

const RUN_MS = 20_000;

/**
 * A shell script that closes a host to what hangs on a bridge; it does nothing where that is done. It fails where the
 * rules of IPv4 cannot be set; a host without those of IPv6 has no IPv6.
 */
export function closeScript(bridge: string): string {
  const rules = rulesOf(bridge);
  const inPlace = rules.map((rule) => `$f -C ${rule} 2>/dev/null`).join(' && ');
  const insert = rules.map((rule) => `$f -I ${rule} || exit 1`).join('; ');
  return `
close() { f="$1 -w 5"; { ${inPlace}; } && return; ${removal(rules)}; ${insert}; }
close iptables
if ip6tables -n -L INPUT >/dev/null 2>&1; then close ip6tables; fi
exit 0`;
}

/** Closes this host to what hangs on a bridge. Gives what keeps it from doing so, or undefined. */
export async function closeHost(bridge: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'the manager is not root';
  if (!existsSync(`/sys/class/net/${bridge}`)) return `the bridge ${bridge} is not on this host`;
  return runScript(closeScript(bridge));
}

/** Takes the rules back. */
export async function openHost(bridge: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const rules = rulesOf(bridge);
  await runScript(`for f in "iptables -w 5" "ip6tables -w 5"; do ${removal(rules)}; done; exit 0`);
}

function rulesOf(bridge: string): string[] {
  if (!/^[\w.-]+$/.test(bridge)) throw new Error(`"${bridge}" is no name of an interface`);
  return RULES.map(([chain, rest]) => `${chain} -i ${bridge} ${rest}`);
}

function removal(rules: readonly string[]): string {
  return rules.map((rule) => `while $f -D ${rule} 2>/dev/null; do :; done`).join('; ');
}

async function runScript(script: string): Promise<string | undefined> {
  try {
    // `-w` in it waits for others who change rules at the moment.
    await promisify(execFile)('/bin/sh', ['-c', script], {
      timeout: RUN_MS,
      env: { PATH: '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin' },
    });
    return undefined;
  } catch {
    return 'iptables does not work here';
  }
}
