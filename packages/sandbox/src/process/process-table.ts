import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process, and when it started: numbers are used again, both together are not. */
export interface ProcessRef {
  pid: number;
  startTime: string;
}

/** The process of that number, unless it is gone or only waits to be forgotten. */
export async function findProcess(pid: number): Promise<ProcessRef | undefined> {
  const startTime = process.platform === 'linux' ? await startTimeOfProc(pid) : await startTimeOfPs(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Does this very process live? */
export async function isAlive({ pid, startTime }: ProcessRef): Promise<boolean> {
  return (await findProcess(pid))?.startTime === startTime;
}

/** Sends a signal to this very process; nothing happens when it is gone. */
export async function signalProcess(ref: ProcessRef, signal: NodeJS.Signals): Promise<void> {
  if (await isAlive(ref)) send(ref.pid, signal);
}

/** Numbers of the processes that a process has started itself. */
export async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => undefined);
  if (list !== undefined) return list.split(' ').filter(Boolean).map(Number);
  // Kernels can be built without such lists.
  const numbers = await allNumbers();
  const parents = await Promise.all(numbers.map(async (number) => (await statOf(number))[1]));
  return numbers.filter((_number, index) => parents[index] === String(pid));
}

/** Its number in the innermost of the name spaces it is in. */
export async function innerPid(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const last = /^NSpid:.*?(\d+)$/m.exec(status)?.[1];
  return last === undefined ? undefined : Number(last);
}

/** Numbers of all processes with that text in their environment, as far as we may read it. */
export async function findByEnvironment(entry: string): Promise<number[]> {
  const numbers = await allNumbers();
  const found = await Promise.all(
    numbers.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(entry) ? [pid] : [];
    }),
  );
  return found.flat().filter((pid) => pid !== process.pid);
}

/** Sends a signal to a number, or to a group of processes when it is negative; one that is gone is no error. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone, or never ours.
  }
}

async function startTimeOfProc(pid: number): Promise<string | undefined> {
  const fields = await statOf(pid);
  const [state] = fields;
  return state === undefined || state === '' || 'ZX'.includes(state) ? undefined : fields[19];
}

/** What the kernel tells of a process: its state, its parent, and so on. */
async function statOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in brackets can hold anything, brackets too.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

async function allNumbers(): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

async function startTimeOfPs(pid: number): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(
    () => ({
      stdout: '',
    }),
  );
  const [, state, started] = /^\s*(\S+)\s+(.*\S)/.exec(stdout) ?? [];
  return state?.startsWith('Z') ? undefined : started;
}
