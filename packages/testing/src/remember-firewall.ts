import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { findProgram } from './find-program.ts';

const FORWARDING = '/proc/sys/net/ipv4/ip_forward';
const TABLES = ['filter', 'nat'];
/** Rules and chains of engines and of the driver's networks. */
const OF_DOCKER = /DOCKER|\bbr-|docker0|wegent-/;

/** Notes the rules of the firewall; the function it gives takes back what a Docker engine added since. */
export async function rememberFirewall(): Promise<() => Promise<void>> {
  const programs = [findProgram('iptables'), findProgram('ip6tables')].filter((found) => found !== undefined);
  const places = programs.flatMap((program) => TABLES.map((table) => ({ program, table })));
  const before = await Promise.all(places.map(async (place) => ({ ...place, lines: await linesOf(place) })));
  const forwarding = await readFile(FORWARDING, 'utf8').catch(() => undefined);
  return async () => {
    for (const { lines, ...place } of before) await restore(place, lines);
    if (forwarding !== undefined) await writeFile(FORWARDING, forwarding);
  };
}

interface Place {
  program: string;
  table: string;
}

async function restore(place: Place, before: readonly string[]): Promise<void> {
  const added = (await linesOf(place)).filter((line) => !before.includes(line));
  const ours = added.filter((line) => OF_DOCKER.test(line));
  for (const rule of ours.filter((line) => line.startsWith('-A '))) {
    await run(place, ['-D', ...rule.split(' ').slice(1)]);
  }
  for (const chain of ours.filter((line) => line.startsWith('-N '))) await run(place, ['-X', chain.slice(3)]);
  if (!added.some((line) => line.startsWith('-P FORWARD'))) return;
  const policy = before.find((line) => line.startsWith('-P FORWARD'));
  if (policy !== undefined) await run(place, policy.split(' '));
}

async function linesOf(place: Place): Promise<string[]> {
  return (await run(place, ['-S'])).split('\n').filter((line) => line !== '');
}

/** What fails here is a table that this kernel does not have. */
async function run({ program, table }: Place, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ['-w', '5', '-t', table, ...args]).catch(() => ({
    stdout: '',
  }));
  return stdout;
}
