/** Machines that we have numbers for. */
export type Architecture = 'x64' | 'arm64';

/** Numbers of system calls on x64 and arm64; `undefined` where there is none. */
type Numbers = readonly [x64: number | undefined, arm64: number | undefined];

/** Calls that agents do not need, and that have been ways out of sandboxes or look into other processes. */
const DENIED: Readonly<Record<string, Numbers>> = {
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  // File systems.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  swapon: [167, 224],
  swapoff: [168, 225],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  // Name spaces.
  unshare: [272, 97],
  setns: [308, 268],
  // Large parts of the kernel that few programs use.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  lookup_dcookie: [212, 18],
  modify_ldt: [154, undefined],
  uselib: [134, undefined],
  nfsservctl: [180, 42],
  vhangup: [153, 58],
  // The machine.
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  create_module: [174, undefined],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  acct: [163, 89],
  syslog: [103, 116],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  iopl: [172, undefined],
  ioperm: [173, undefined],
};

/** Calls whose arguments decide, or that answer in a way of their own. */
const SPECIAL = {
  clone: [56, 220],
  clone3: [435, 435],
  socket: [41, 198],
  ioctl: [16, 29],
} as const satisfies Record<string, Numbers>;

/** What a filter needs to know of a machine. */
export interface SyscallTable {
  /** The kernel's own name of the machine. */
  audit: number;
  denied: ReadonlyMap<string, number>;
  special: Readonly<Record<keyof typeof SPECIAL, number>>;
}

/** The numbers of a machine. */
export function syscallsOf(architecture: Architecture): SyscallTable {
  const index = architecture === 'x64' ? 0 : 1;
  const denied = new Map<string, number>();
  for (const [name, numbers] of Object.entries(DENIED)) {
    const number = numbers[index];
    if (number !== undefined) denied.set(name, number);
  }
  return {
    audit: architecture === 'x64' ? 0xc000003e : 0xc00000b7,
    denied,
    special: {
      clone: SPECIAL.clone[index],
      clone3: SPECIAL.clone3[index],
      socket: SPECIAL.socket[index],
      ioctl: SPECIAL.ioctl[index],
    },
  };
}
