import type { BareRepository } from '../bare-repository.ts';

/** The git hosts that are imitated. */
export type FakeGitHostType = 'github' | 'gitlab' | 'gitea' | 'gitee';

/** Whose a token is, and what it may do. */
export interface FakeToken {
  username: string;
  /** Without it, everything that changes something is refused for want of a scope. */
  canWrite: boolean;
  /** Without it, only names of users can be asked for. */
  canRead: boolean;
}

/** A check of a commit; `pending` while it runs. */
export interface FakeCheck {
  name: string;
  state: 'pending' | 'success' | 'failure';
}

/** A pull request of an imitated host. */
export interface FakePullRequest {
  number: number;
  title: string;
  body: string;
  state: 'open' | 'merged' | 'closed';
  draft: boolean;
  sourceBranch: string;
  targetBranch: string;
  /** The repository that it comes from, where that is a fork. */
  fork?: string;
  author: string;
}

/** A repository of an imitated host. */
export interface FakeRepository {
  readonly id: number;
  /** `owner/name`; deeper at GitLab. */
  readonly name: string;
  readonly private: boolean;
  readonly description: string;
  readonly defaultBranch: string;
  /** Who sees it besides everybody, where it is private. */
  readonly members: string[];
  readonly pullRequests: FakePullRequest[];
  /** By commit. */
  readonly checks: Map<string, FakeCheck[]>;
  /** Commits by branch, as they are now. */
  branches(): Promise<Map<string, string>>;
  /** Makes a branch, or moves it. */
  addBranch(name: string, commit?: string): string;
}

/** What is asked for when a repository is made. */
export interface NewRepository {
  private?: boolean;
  description?: string;
  defaultBranch?: string;
  members?: string[];
  /** Branches are those of this repository on disk, so that what is pushed is seen. */
  bare?: BareRepository;
  /** The same, from anywhere: commits by branch. */
  branches?: () => Promise<Map<string, string>>;
}

/** Makes a repository in memory. */
export function createFakeRepository(id: number, name: string, wanted: NewRepository): FakeRepository {
  const own = new Map<string, string>();
  const defaultBranch = wanted.defaultBranch ?? 'main';
  const read =
    wanted.branches ?? (wanted.bare ? () => branchesOf(wanted.bare) : async () => new Map<string, string>());
  const isBacked = wanted.branches !== undefined || wanted.bare !== undefined;
  const repository: FakeRepository = {
    id,
    name,
    private: wanted.private ?? true,
    description: wanted.description ?? '',
    defaultBranch,
    members: wanted.members ?? [],
    pullRequests: [],
    checks: new Map(),
    branches: async () => new Map([...(await read()), ...own]),
    addBranch(branch, commit = newCommit(name, branch, own.size)) {
      own.set(branch, commit);
      return commit;
    },
  };
  if (!isBacked) repository.addBranch(defaultBranch);
  return repository;
}

/** Does this person see the repository? */
export function isVisible(repository: FakeRepository, username: string): boolean {
  return !repository.private || isMember(repository, username);
}

/** Does this person take part in it? */
export function isMember({ name, members }: FakeRepository, username: string): boolean {
  return members.includes(username) || name.startsWith(`${username}/`);
}

async function branchesOf(bare: BareRepository | undefined): Promise<Map<string, string>> {
  const lines =
    (await bare?.git('for-each-ref', '--format=%(objectname) %(refname:short)', 'refs/heads')) ?? '';
  return new Map(
    lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
  );
}

function newCommit(...parts: (string | number)[]): string {
  const text = parts.join('/');
  let hash = 7n;
  for (const character of text)
    hash = (hash * 1_000_003n + BigInt(character.codePointAt(0) ?? 0)) % 2n ** 160n;
  return (hash * 2n ** 61n + 11n).toString(16).padStart(40, '0').slice(-40);
}
