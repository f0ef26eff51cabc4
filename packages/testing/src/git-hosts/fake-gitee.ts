import { answer, type FakeAnswer, type FakeApi, type FakeCall, pageOf, text } from './fake-answer.ts';
import { type FakePullRequest, type FakeRepository, isMember } from './git-host-state.ts';

const PAGE = { sizeParameter: 'per_page', usual: 20, most: 100 };
const NOT_FOUND = answer({ message: 'Not Found Project' }, 404);

/** The API of Gitee, version 5: the token goes into the query, or into the body of what changes something. */
export const fakeGitee: FakeApi = {
  base: '/api/v5',
  tokenOf: (_headers, { query, body }) => query.get('access_token') ?? text(body.access_token),
  unauthorized: answer({ message: '401 Unauthorized: Access token does not exist' }, 401),
  forbidden: () => answer({ message: '403 Forbidden: insufficient scope' }, 403),
  rateLimited: (resetSeconds) =>
    answer({ message: 'Rate limit exceeded' }, 429, {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(resetSeconds),
    }),

  async handle(call): Promise<FakeAnswer> {
    const { path, query, token } = call;
    if (path === '/user') return answer({ id: 1, login: token.username, name: token.username });
    const wanted = (query.get('q') ?? '').toLowerCase();
    const named = call.visible.filter(({ name }) => name.toLowerCase().includes(wanted));
    if (path === '/user/repos')
      return listed(
        call,
        named.filter((one) => isMember(one, token.username)).map((one) => toRepository(one, call)),
      );
    if (path === '/search/repositories')
      return listed(
        call,
        named.map((one) => toRepository(one, call)),
      );
    const [, owner = '', name = '', rest = ''] = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const repository = call.find(`${decodeURIComponent(owner)}/${decodeURIComponent(name)}`);
    if (!repository) return NOT_FOUND;
    return inRepository(call, repository, rest ?? '');
  },
};

async function inRepository(call: FakeCall, repository: FakeRepository, rest: string): Promise<FakeAnswer> {
  const { method } = call;
  if (rest === '') return answer(toRepository(repository, call));
  const branches = await repository.branches();
  if (rest === '/branches')
    return listed(
      call,
      [...branches].map(([name, sha]) => ({ name, commit: { sha }, protected: false })),
    );
  const branch = /^\/branches\/([^/]+)$/.exec(rest)?.[1];
  if (branch !== undefined) {
    const sha = branches.get(decodeURIComponent(branch));
    if (sha === undefined) return answer({ message: 'Branch Not Found' }, 404);
    return answer({ name: decodeURIComponent(branch), commit: { sha } });
  }
  if (rest === '/pulls' && method === 'GET') {
    const [head, state] = [call.query.get('head'), call.query.get('state') ?? 'open'];
    const found = repository.pullRequests.filter(
      (pull) => (head === null || pull.sourceBranch === head) && (state === 'all' || pull.state === state),
    );
    return listed(
      call,
      found.toReversed().map((pull) => toPull(pull, { repository, call, branches })),
    );
  }
  if (rest === '/pulls' && method === 'POST') return create(call, repository, branches);
  const number = /^\/pulls\/(\d+)$/.exec(rest)?.[1];
  if (number !== undefined) {
    const pull = repository.pullRequests.find((one) => one.number === Number(number));
    if (!pull) return answer({ message: 'Not Found' }, 404);
    if (method === 'PATCH') {
      pull.title = text(call.body.title) ?? pull.title;
      pull.body = text(call.body.body) ?? pull.body;
      pull.draft = typeof call.body.draft === 'boolean' ? call.body.draft : pull.draft;
    }
    return answer(toPull(pull, { repository, call, branches }));
  }
  const commit = /^\/commits\/([^/]+)\/check-runs$/.exec(rest)?.[1];
  if (commit !== undefined) {
    const checks = repository.checks.get(commit) ?? [];
    const runs = checks.map((check, index) => ({
      id: index + 1,
      name: check.name,
      head_sha: commit,
      status: check.state === 'pending' ? 'in_progress' : 'completed',
      conclusion: check.state === 'pending' ? null : check.state,
    }));
    return answer({ total_count: runs.length, check_runs: runs });
  }
  return answer({ message: '404 Not Found' }, 404);
}

function create(call: FakeCall, repository: FakeRepository, branches: Map<string, string>): FakeAnswer {
  const { title, body, head, base, draft } = call.body;
  const [sourceBranch, targetBranch] = [text(head) ?? '', text(base) ?? ''];
  if (!branches.has(sourceBranch)) return answer({ message: '源分支不存在' }, 400);
  if (!branches.has(targetBranch)) return answer({ message: '目标分支不存在' }, 400);
  const isThere = repository.pullRequests.some(
    (pull) => pull.state === 'open' && pull.sourceBranch === sourceBranch && !pull.fork,
  );
  if (isThere) return answer({ message: '不能重复创建 Pull Request' }, 400);
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

function listed(call: FakeCall, items: readonly unknown[]): FakeAnswer {
  const page = pageOf(items, call, PAGE);
  return answer(page.items, 200, { total_count: String(page.total), total_page: String(page.pages) });
}

function toRepository(repository: FakeRepository, { origin }: FakeCall) {
  const [namespace, path] = repository.name.split('/');
  return {
    id: repository.id,
    full_name: repository.name,
    human_name: repository.name,
    namespace: { path: namespace },
    path,
    private: repository.private,
    description: repository.description === '' ? null : repository.description,
    default_branch: repository.defaultBranch,
    html_url: `${origin}/${repository.name}.git`,
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
  return {
    number: pull.number,
    html_url: `${call.origin}/${repository.name}/pulls/${pull.number}`,
    title: pull.title,
    body: pull.body === '' ? null : pull.body,
    state: pull.state,
    draft: pull.draft,
    user: { login: pull.author },
    head: {
      label: pull.sourceBranch,
      ref: pull.sourceBranch,
      sha: branches.get(pull.sourceBranch) ?? null,
      repo: { full_name: pull.fork ?? repository.name },
    },
    base: {
      label: pull.targetBranch,
      ref: pull.targetBranch,
      sha: branches.get(pull.targetBranch) ?? null,
      repo: { full_name: repository.name },
    },
  };
}
