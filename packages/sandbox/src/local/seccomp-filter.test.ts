import { describe, expect, test } from 'vitest';
import { seccompFilter } from './seccomp-filter.ts';
import { type Architecture, syscallsOf } from './syscalls.ts';

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EAFNOSUPPORT = 0x00050061;

/** From the kernel's own tables (`asm/unistd_64.h`, `asm-generic/unistd.h`). */
const KNOWN = {
  x64: {
    ptrace: 101,
    process_vm_readv: 310,
    mount: 165,
    umount2: 166,
    pivot_root: 155,
    chroot: 161,
    move_mount: 429,
    bpf: 321,
    keyctl: 250,
    add_key: 248,
    io_uring_setup: 425,
    unshare: 272,
    setns: 308,
    userfaultfd: 323,
    perf_event_open: 298,
    kexec_load: 246,
    init_module: 175,
    finit_module: 313,
    open_by_handle_at: 304,
  },
  arm64: {
    ptrace: 117,
    process_vm_readv: 270,
    mount: 40,
    umount2: 39,
    pivot_root: 41,
    chroot: 51,
    move_mount: 429,
    bpf: 280,
    keyctl: 219,
    add_key: 217,
    io_uring_setup: 425,
    unshare: 97,
    setns: 268,
    userfaultfd: 282,
    perf_event_open: 241,
    kexec_load: 104,
    init_module: 105,
    finit_module: 273,
    open_by_handle_at: 265,
  },
} as const;
const OTHERS = {
  x64: { audit: 0xc000003e, clone: 56, clone3: 435, socket: 41, ioctl: 16, read: 0, execve: 59 },
  arm64: { audit: 0xc00000b7, clone: 220, clone3: 435, socket: 198, ioctl: 29, read: 63, execve: 221 },
} as const;

describe.each(['x64', 'arm64'] as const)('seccomp filter for %s', (architecture) => {
  const others = OTHERS[architecture];
  const ask = (number: number, ...parameters: number[]) => decide(architecture, { number, parameters });

  test.each(Object.entries(KNOWN[architecture]))('%s has the number %i and is refused', (name, number) => {
    expect(syscallsOf(architecture).denied.get(name)).toBe(number);
    expect(ask(number)).toBe(EPERM);
  });

  test('all that is refused has a number of its own', () => {
    const numbers = [...syscallsOf(architecture).denied.values()];
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(ask(number)).toBe(EPERM);
  });

  test('what programs need is allowed', () => {
    for (const number of [others.read, others.execve, 1000]) expect(ask(number)).toBe(ALLOW);
    // fork and threads
    expect(ask(others.clone, 0x01200011)).toBe(ALLOW);
    expect(ask(others.clone, 0x003d0f00)).toBe(ALLOW);
    // TCGETS, TIOCGWINSZ
    expect(ask(others.ioctl, 0, 0x5401)).toBe(ALLOW);
    expect(ask(others.ioctl, 0, 0x5413)).toBe(ALLOW);
    for (const family of [1, 2, 10]) expect(ask(others.socket, family, 1, 0)).toBe(ALLOW);
    expect(ask(others.socket, 16, 3, 0)).toBe(ALLOW);
  });

  test.each([0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000])(
    'clone with the new name space %i is refused',
    (flag) => {
      expect(ask(others.clone, flag | 0x11)).toBe(EPERM);
    },
  );

  test('clone3 is as if it did not exist', () => {
    expect(ask(others.clone3)).toBe(ENOSYS);
  });

  test('terminals take no words from programs', () => {
    expect(ask(others.ioctl, 0, 0x5412)).toBe(EPERM);
    expect(ask(others.ioctl, 0, 0x541c)).toBe(EPERM);
  });

  test.each([
    [16, 12],
    [17, 0],
    [31, 0],
    [38, 0],
    [40, 0],
    [44, 0],
  ])('sockets of family %i, protocol %i do not exist', (family, protocol) => {
    expect(ask(others.socket, family, 3, protocol)).toBe(EAFNOSUPPORT);
  });

  test('programs of other machines end', () => {
    for (const machine of [0x40000003, 0x40000028, others.audit - 1]) {
      expect(decide(architecture, { number: others.read, parameters: [], machine })).toBe(KILL);
    }
  });
});

test('x64 has no calls with 32-bit pointers', () => {
  expect(decide('x64', { number: 0x40000000 + 59, parameters: [] })).toBe(ENOSYS);
  expect(decide('x64', { number: 0xffffffff, parameters: [] })).toBe(ENOSYS);
});

/** Runs the filter as the kernel does. */
function decide(
  architecture: Architecture,
  { number, parameters, machine }: { number: number; parameters: readonly number[]; machine?: number },
): number {
  const call = Buffer.alloc(64);
  call.writeUInt32LE(number, 0);
  call.writeUInt32LE(machine ?? OTHERS[architecture].audit, 4);
  for (const [index, value] of parameters.entries()) call.writeUInt32LE(value >>> 0, 16 + 8 * index);
  const program = seccompFilter(architecture);
  let accumulator = 0;
  for (let at = 0; at * 8 < program.length; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const value = program.readUInt32LE(at * 8 + 4);
    const jump = (holds: boolean) => program.readUInt8(at * 8 + (holds ? 2 : 3));
    if (code === 0x06) return value;
    if (code === 0x20) accumulator = call.readUInt32LE(value);
    else if (code === 0x15) at += jump(accumulator === value);
    else if (code === 0x35) at += jump(accumulator >= value);
    else if (code === 0x45) at += jump((accumulator & value) !== 0);
    else throw new Error(`no such instruction: ${code}`);
  }
  throw new Error('the filter has no end');
}
