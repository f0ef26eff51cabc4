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

/** Gitea gives no more than 50, whatever it is asked for. */
const PAGE = { sizeParameter: 'limit', usual: 30, most: 50 };
const DRAFT = /^\s*(wip:|\[wip\])/i;
const SWAGGER = '/api/swagger';
const NOT_FOUND = answer({ errors: null, message: "The target couldn't be found.", url: SWAGGER }, 404);

/** The API of Gitea, version 1. */
export const fakeGitea: FakeApi = {
  base: '/api/v1',
  tokenOf: ({ authorization }, { query }) =>
    /^(?:token|Bearer) (.+)$/i.exec(authorization ?? '')?.[1] ?? query.get('token') ?? undefined,
  unauthorized: answer({ message: 'invalid username, password or token', url: SWAGGER }, 401),
  forbidden: (method) =>
    answer(
      {
        message: `token does not have at least one of required scope(s), required=[${method === 'GET' ? 'read' : 'write'}:repository], token scope=read:user`,
        url: SWAGGER,
      },
      403,
    ),
  rateLimited: () => answer({ message: 'Too Many Requests', url: SWAGGER }, 429),

  async handle(call): Promise<FakeAnswer> {
    const { path, query, token } = call;
    if (path === '/user') return answer({ id: 1, login: token.username, username: token.username });
    if (path === '/user/repos') {
      const own = call.visible.filter((one) => isMember(one, token.username));
      return listed(
        call,
        own.map((one) => toRepository(one, call)),
      );
    }
    if (path === '/repos/search') {
      const wanted = (query.get('q') ?? '').toLowerCase();
      const found = call.visible.filter(({ name }) => name.split('/')[1]?.toLowerCase().includes(wanted));
      const page = pageOf(found, call, PAGE);
      const data = page.items.map((one) => toRepository(one, call));
      return answer({ ok: true, data }, 200, {
        ...linkHeader(call, page),
        'x-total-count': String(page.total),
      });
    }
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
      [...branches].map(([name, id]) => ({ name, commit: { id }, protected: false })),
    );
  const branch = /^\/branches\/(.+)$/.exec(rest)?.[1];
  if (branch !== undefined) {
    const id = branches.get(decodeURIComponent(branch));
    return id === undefined ? NOT_FOUND : answer({ name: decodeURIComponent(branch), commit: { id } });
  }
  if (rest === '/pulls' && method === 'GET') {
    const state = call.query.get('state') ?? 'open';
    const found = repository.pullRequests.filter(
      (pull) => state === 'all' || (state === 'open') === (pull.state === 'open'),
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
    if (!pull) return NOT_FOUND;
    if (method === 'PATCH') {
      const [title, base] = [text(call.body.title), text(call.body.base)];
      if (base !== undefined && !branches.has(base)) return NOT_FOUND;
      pull.title = title ?? pull.title;
      pull.draft = title === undefined ? pull.draft : DRAFT.test(title);
      pull.body = text(call.body.body) ?? pull.body;
      pull.targetBranch = base ?? pull.targetBranch;
      return answer(toPull(pull, { repository, call, branches }), 201);
    }
    return answer(toPull(pull, { repository, call, branches }));
  }
  const commit = /^\/commits\/([^/]+)\/status$/.exec(rest)?.[1];
  if (commit !== undefined) {
    const checks = repository.checks.get(commit);
    const statuses = checks?.map((check, index) => ({
      id: index + 1,
      context: check.name,
      status: check.state,
    }));
    return answer({ state: '', sha: commit, total_count: checks?.length ?? 0, statuses: statuses ?? null });
  }
  return NOT_FOUND;
}

function create(call: FakeCall, repository: FakeRepository, branches: Map<string, string>): FakeAnswer {
  const { title, body, head, base } = call.body;
  const [sourceBranch, targetBranch] = [text(head) ?? '', text(base) ?? ''];
  if (!branches.has(targetBranch) || !branches.has(sourceBranch)) return NOT_FOUND;
  const open = repository.pullRequests.find(
    (pull) => pull.state === 'open' && pull.sourceBranch === sourceBranch && !pull.fork,
  );
  if (open)
    return answer(
      {
        message: `pull request already exists for these targets [id: ${open.number}, issue_id: ${open.number}, head_repo_id: ${repository.id}, base_repo_id: ${repository.id}, head_branch: ${sourceBranch}, base_branch: ${targetBranch}]`,
        url: SWAGGER,
      },
      409,
    );
  const pull: FakePullRequest = {
    number: repository.pullRequests.length + 1,
    title: text(title) ?? '',
    body: text(body) ?? '',
    state: 'open',
    draft: DRAFT.test(text(title) ?? ''),
    sourceBranch,
    targetBranch,
    author: call.token.username,
  };
  repository.pullRequests.push(pull);
  return answer(toPull(pull, { repository, call, branches }), 201);
}

function listed(call: FakeCall, items: readonly unknown[]): FakeAnswer {
  const page = pageOf(items, call, PAGE);
  return answer(page.items, 200, { ...linkHeader(call, page), 'x-total-count': String(page.total) });
}

function toRepository(repository: FakeRepository, { origin }: FakeCall) {
  const [owner, name] = repository.name.split('/');
  return {
    id: repository.id,
    name,
    full_name: repository.name,
    owner: { login: owner },
    private: repository.private,
    description: repository.description,
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
  return {
    number: pull.number,
    html_url: `${call.origin}/${repository.name}/pulls/${pull.number}`,
    title: pull.title,
    body: pull.body,
    state: pull.state === 'open' ? 'open' : 'closed',
    merged: pull.state === 'merged',
    draft: pull.draft,
    user: { login: pull.author },
    head: {
      label: pull.sourceBranch,
      ref: pull.sourceBranch,
      sha: branches.get(pull.sourceBranch) ?? '0'.repeat(40),
      repo_id: pull.fork === undefined ? repository.id : repository.id + 100_000,
    },
    base: { label: pull.targetBranch, ref: pull.targetBranch, repo_id: repository.id },
  };
}
