import { type Architecture, syscallsOf } from './syscalls.ts';

/** What the kernel is told to do with a call. */
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const refuse = (errno: number) => 0x00050000 | errno;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Offsets in what the kernel shows of a call. */
const NUMBER = 0;
const MACHINE = 4;
const argument = (index: number) => 16 + 8 * index;

/** Programs for 32-bit pointers on x64 set this bit in the number. */
const X32 = 0x40000000;
/** New name spaces: mount, cgroup, uts, ipc, user, pid, net. */
const CLONE_NEW = 0x7e020000;
/** Put words into the input of a terminal, or talk to the console. */
const TERMINAL_TRICKS = [0x5412, 0x541c];
const AF = { unix: 1, inet: 2, inet6: 10, netlink: 16 };

interface Instruction {
  code: number;
  yes?: number;
  no?: number;
  value: number;
}

const load = (offset: number): Instruction => ({ code: 0x20, value: offset });
const answer = (value: number): Instruction => ({ code: 0x06, value });
/** Jumps: over so many instructions when it holds, and when not. */
const ifEqual = (value: number, yes: number, no: number): Instruction => ({ code: 0x15, yes, no, value });
const ifAtLeast = (value: number, yes: number, no: number): Instruction => ({ code: 0x35, yes, no, value });
const ifAnyBit = (value: number, yes: number, no: number): Instruction => ({ code: 0x45, yes, no, value });

/**
 * The filter for system calls of a sandbox, as the kernel reads it. Everything is allowed that is not refused by name:
 * agents run compilers, browsers and databases.
 */
export function seccompFilter(architecture: Architecture): Buffer {
  const { audit, denied, special } = syscallsOf(architecture);
  return encode([
    load(MACHINE),
    ifEqual(audit, 1, 0),
    answer(KILL),
    load(NUMBER),
    ...(architecture === 'x64' ? [ifAtLeast(X32, 0, 1), answer(refuse(ENOSYS))] : []),
    ...[...denied.values()].flatMap((number) => [ifEqual(number, 0, 1), answer(refuse(EPERM))]),
    // Its flags lie in memory where no filter sees them; callers fall back to the older call.
    ifEqual(special.clone3, 0, 1),
    answer(refuse(ENOSYS)),
    ...when(special.clone, [load(argument(0)), ifAnyBit(CLONE_NEW, 0, 1), answer(refuse(EPERM))]),
    ...when(special.ioctl, [
      load(argument(1)),
      ...TERMINAL_TRICKS.flatMap((trick) => [ifEqual(trick, 0, 1), answer(refuse(EPERM))]),
    ]),
    // Name spaces do not keep all families apart: vsock reaches what runs the machine.
    ...when(special.socket, [
      load(argument(0)),
      ifEqual(AF.unix, 5, 0),
      ifEqual(AF.inet, 4, 0),
      ifEqual(AF.inet6, 3, 0),
      ifEqual(AF.netlink, 0, 3),
      // Of netlink the part that lists interfaces and addresses.
      load(argument(2)),
      ifEqual(0, 0, 1),
      answer(ALLOW),
      answer(refuse(EAFNOSUPPORT)),
    ]),
    answer(ALLOW),
  ]);
}

/** Instructions for one call alone; what they do not answer is allowed. */
function when(number: number, body: readonly Instruction[]): Instruction[] {
  return [ifEqual(number, 0, body.length + 1), ...body, answer(ALLOW)];
}

function encode(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 8);
  for (const [index, { code, yes = 0, no = 0, value }] of instructions.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(yes, index * 8 + 2);
    bytes.writeUInt8(no, index * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4);
  }
  return bytes;
}
