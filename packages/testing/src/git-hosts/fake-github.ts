import {
  answer,
  type FakeAnswer,
  type FakeApi,
  type FakeCall,
  linkHeader,
  pageOf,
  text,
} from './fake-answer.ts';
import { type FakePullRequest, type FakeRepository, isMember } from './git-host-state.ts';

const PAGE = { sizeParameter: 'per_page', usual: 30, most: 100 };
const DOCS = 'https://docs.github.com/rest';
const NOT_FOUND = answer({ message: 'Not Found', documentation_url: DOCS, status: '404' }, 404);

/** The REST API of GitHub Enterprise Server, version 2022-11-28. */
export const fakeGitHub: FakeApi = {
  base: '/api/v3',
  tokenOf: ({ authorization }) => /^(?:Bearer|token) (.+)$/i.exec(authorization ?? '')?.[1],
  unauthorized: answer({ message: 'Bad credentials', documentation_url: DOCS, status: '401' }, 401),
  forbidden: (method) =>
    answer(
      { message: 'Resource not accessible by personal access token', documentation_url: DOCS, status: '403' },
      403,
      { 'x-accepted-github-permissions': method === 'GET' ? 'contents=read' : 'pull_requests=write' },
    ),
  rateLimited: (resetSeconds) =>
    answer({ message: 'API rate limit exceeded for user ID 1.', documentation_url: DOCS }, 403, {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(resetSeconds),
    }),

  async handle(call): Promise<FakeAnswer> {
    const { path, method, query, token } = call;
    if (path === '/user') return answer({ login: token.username, id: 1, type: 'User' });
    if (path === '/user/repos') {
      const own = call.visible.filter((one) => isMember(one, token.username));
      return listed(
        call,
        own.map((one) => toRepository(one, call)),
      );
    }
    if (path === '/search/repositories') {
      const words = /"([^"]*)"|(\S+)/.exec(query.get('q') ?? '');
      const wanted = (words?.[1] ?? words?.[2] ?? '').toLowerCase();
      const found = call.visible.filter(({ name }) => name.toLowerCase().includes(wanted));
      const page = pageOf(found, call, PAGE);
      const items = page.items.map((one) => toRepository(one, call));
      return answer(
        { total_count: found.length, incomplete_results: false, items },
        200,
        linkHeader(call, page),
      );
    }
    const [, owner = '', name = '', rest = ''] = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const repository = call.find(`${decodeURIComponent(owner)}/${decodeURIComponent(name)}`);
    if (!repository) return NOT_FOUND;
    return inRepository(call, repository, { rest: rest ?? '', method });
  },
};

async function inRepository(
  call: FakeCall,
  repository: FakeRepository,
  { rest, method }: { rest: string; method: string },
): Promise<FakeAnswer> {
  if (rest === '') return answer(toRepository(repository, call));
  const branches = await repository.branches();
  if (rest === '/branches')
    return listed(
      call,
      [...branches].map(([branch, sha]) => ({ name: branch, commit: { sha, url: '' }, protected: false })),
    );
  const branch = /^\/branches\/([^/]+)$/.exec(rest)?.[1];
  if (branch !== undefined) {
    const sha = branches.get(decodeURIComponent(branch));
    if (sha === undefined)
      return answer({ message: 'Branch not found', documentation_url: DOCS, status: '404' }, 404);
    return answer({ name: decodeURIComponent(branch), commit: { sha }, protected: false });
  }
  if (rest === '/pulls' && method === 'GET') {
    const [owner, head] = (call.query.get('head') ?? '').split(/:(.*)/s);
    const state = call.query.get('state') ?? 'open';
    const found = repository.pullRequests.filter(
      (pull) =>
        (!head || (pull.sourceBranch === head && ownerOf(pull, repository) === owner)) &&
        (state === 'all' || (state === 'open') === (pull.state === 'open')),
    );
    return listed(
      call,
      found.toReversed().map((pull) => toPull(pull, { repository, call, branches })),
    );
  }
  if (rest === '/pulls' && method === 'POST') return createPull(call, repository, branches);
  const number = /^\/pulls\/(\d+)$/.exec(rest)?.[1];
  if (number !== undefined) {
    const pull = repository.pullRequests.find((one) => one.number === Number(number));
    if (!pull) return NOT_FOUND;
    if (method === 'PATCH') {
      const base = text(call.body.base);
      if (base !== undefined && !branches.has(base))
        return validationFailed([{ field: 'base', code: 'invalid' }]);
      pull.title = text(call.body.title) ?? pull.title;
      pull.body = text(call.body.body) ?? pull.body;
      pull.targetBranch = base ?? pull.targetBranch;
    }
    return answer(toPull(pull, { repository, call, branches }));
  }
  const [, commit = '', kind] = /^\/commits\/([^/]+)\/(check-runs|status)$/.exec(rest) ?? [];
  const checks = repository.checks.get(commit) ?? [];
  if (kind === 'check-runs') {
    const page = pageOf(checks, call, PAGE);
    const runs = page.items.map((check, index) => ({
      id: index + 1,
      name: check.name,
      status: check.state === 'pending' ? 'in_progress' : 'completed',
      conclusion: check.state === 'pending' ? null : check.state,
    }));
    return answer({ total_count: checks.length, check_runs: runs }, 200, linkHeader(call, page));
  }
  if (kind === 'status') return answer({ state: 'pending', statuses: [], total_count: 0, sha: commit });
  return NOT_FOUND;
}

function createPull(call: FakeCall, repository: FakeRepository, branches: Map<string, string>): FakeAnswer {
  const { title, head, base, body, draft } = call.body;
  const [sourceBranch, targetBranch] = [text(head) ?? '', text(base) ?? ''];
  if (!branches.has(targetBranch)) return validationFailed([{ field: 'base', code: 'invalid' }]);
  if (!branches.has(sourceBranch)) return validationFailed([{ field: 'head', code: 'invalid' }]);
  if (branches.get(sourceBranch) === branches.get(targetBranch))
    return validationFailed([{ message: `No commits between ${targetBranch} and ${sourceBranch}` }]);
  const owner = repository.name.split('/')[0];
  if (
    repository.pullRequests.some(
      (pull) => pull.state === 'open' && pull.sourceBranch === sourceBranch && !pull.fork,
    )
  )
    return validationFailed([{ message: `A pull request already exists for ${owner}:${sourceBranch}.` }]);
  const pull: FakePullRequest = {
    number: repository.pullRequests.length + 1,
    title: text(title) ?? '',
    body: text(body) ?? '',
    state: 'open',
    draft: draft === true,
    sourceBranch,
    targetBranch,
    author: call.token.username,
  };
  repository.pullRequests.push(pull);
  return answer(toPull(pull, { repository, call, branches }), 201);
}

function validationFailed(errors: Record<string, string>[]): FakeAnswer {
  const told = errors.map((error) => ({ resource: 'PullRequest', code: 'custom', ...error }));
  return answer({ message: 'Validation Failed', errors: told, documentation_url: DOCS, status: '422' }, 422);
}

function listed(call: FakeCall, items: readonly unknown[]): FakeAnswer {
  const page = pageOf(items, call, PAGE);
  return answer(page.items, 200, linkHeader(call, page));
}

function ownerOf(pull: FakePullRequest, repository: FakeRepository): string | undefined {
  return (pull.fork ?? repository.name).split('/')[0];
}

function toRepository(repository: FakeRepository, { origin }: FakeCall) {
  const [owner, name] = repository.name.split('/');
  return {
    id: repository.id,
    name,
    full_name: repository.name,
    owner: { login: owner },
    private: repository.private,
    description: repository.description === '' ? null : repository.description,
    default_branch: repository.defaultBranch,
    html_url: `${origin}/${repository.name}`,
    clone_url: `${origin}/${repository.name}.git`,
  };
}

function toPull(
  pull: FakePullRequest,
  {
    repository,
    call,
    branches,
  }: { repository: FakeRepository; call: FakeCall; branches: Map<string, string> },
) {
  const owner = ownerOf(pull, repository);
  return {
    number: pull.number,
    html_url: `${call.origin}/${repository.name}/pull/${pull.number}`,
    title: pull.title,
    body: pull.body === '' ? null : pull.body,
    state: pull.state === 'open' ? 'open' : 'closed',
    merged_at: pull.state === 'merged' ? '2026-01-01T00:00:00Z' : null,
    draft: pull.draft,
    user: { login: pull.author },
    head: {
      label: `${owner}:${pull.sourceBranch}`,
      ref: pull.sourceBranch,
      sha: branches.get(pull.sourceBranch) ?? '0'.repeat(40),
    },
    base: { label: `${repository.name.split('/')[0]}:${pull.targetBranch}`, ref: pull.targetBranch },
  };
}
