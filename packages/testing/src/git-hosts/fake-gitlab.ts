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

const PAGE = { sizeParameter: 'per_page', usual: 20, most: 100 };
const DRAFT = /^\s*(\[draft\]|\(draft\)|draft:)/i;

/** The REST API of GitLab, version 4. */
export const fakeGitLab: FakeApi = {
  base: '/api/v4',
  tokenOf: ({ authorization, privateToken }) =>
    privateToken ?? /^Bearer (.+)$/i.exec(authorization ?? '')?.[1],
  unauthorized: answer({ message: '401 Unauthorized' }, 401),
  forbidden: (method) =>
    answer(
      {
        error: 'insufficient_scope',
        error_description: 'The request requires higher privileges than provided by the access token.',
        scope: method === 'GET' ? 'api read_api' : 'api',
      },
      403,
    ),
  rateLimited: (resetSeconds) =>
    answer('Retry later\n', 429, {
      'retry-after': String(Math.max(1, resetSeconds - Math.floor(Date.now() / 1000))),
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(resetSeconds),
    }),

  async handle(call): Promise<FakeAnswer> {
    const { path, query, token } = call;
    if (path === '/user') return answer({ id: 1, username: token.username, state: 'active' });
    if (path === '/projects') {
      const wanted = (query.get('search') ?? '').toLowerCase();
      const withGroups = query.get('search_namespaces') === 'true';
      const found = call.visible.filter((one) => {
        const name = withGroups ? one.name : (one.name.split('/').at(-1) ?? '');
        const isMine = query.get('membership') !== 'true' || isMember(one, token.username);
        return isMine && name.toLowerCase().includes(wanted);
      });
      return listed(
        call,
        found.map((one) => toProject(one, call)),
      );
    }
    const [, id = '', rest = ''] = /^\/projects\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const name = decodeURIComponent(id);
    const repository = /^\d+$/.test(name)
      ? call.visible.find((one) => one.id === Number(name))
      : call.find(name);
    if (!repository) return notFound('Project');
    return inProject(call, repository, rest ?? '');
  },
};

async function inProject(call: FakeCall, repository: FakeRepository, rest: string): Promise<FakeAnswer> {
  const { method } = call;
  if (rest === '') return answer(toProject(repository, call));
  const branches = await repository.branches();
  const toBranch = (name: string, commit: string) => ({
    name,
    default: name === repository.defaultBranch,
    protected: false,
    commit: { id: commit, short_id: commit.slice(0, 8) },
  });
  if (rest === '/repository/branches')
    return listed(
      call,
      [...branches].map(([name, commit]) => toBranch(name, commit)),
    );
  const branch = /^\/repository\/branches\/([^/]+)$/.exec(rest)?.[1];
  if (branch !== undefined) {
    const commit = branches.get(decodeURIComponent(branch));
    return commit === undefined ? notFound('Branch') : answer(toBranch(decodeURIComponent(branch), commit));
  }
  if (rest === '/merge_requests' && method === 'GET') {
    const [source, state] = [call.query.get('source_branch'), call.query.get('state') ?? 'all'];
    const found = repository.pullRequests.filter(
      (pull) =>
        (source === null || pull.sourceBranch === source) && (state === 'all' || stateOf(pull) === state),
    );
    return listed(
      call,
      found.toReversed().map((pull) => toRequest(pull, { repository, call, branches })),
    );
  }
  if (rest === '/merge_requests' && method === 'POST') return create(call, repository, branches);
  const [, number, kind] = /^\/merge_requests\/(\d+)(\/pipelines)?$/.exec(rest) ?? [];
  if (number !== undefined) {
    const pull = repository.pullRequests.find((one) => one.number === Number(number));
    if (!pull) return notFound('Not found');
    const commit = branches.get(pull.sourceBranch) ?? '';
    if (kind !== undefined) {
      const checks = repository.checks.get(commit);
      return answer(checks ? [{ id: pipelineId(repository, commit), sha: commit, status: 'running' }] : []);
    }
    if (method === 'PUT') {
      const title = text(call.body.title);
      pull.title = title ?? pull.title;
      pull.draft = title === undefined ? pull.draft : DRAFT.test(title);
      pull.body = text(call.body.description) ?? pull.body;
      pull.targetBranch = text(call.body.target_branch) ?? pull.targetBranch;
    }
    return answer(toRequest(pull, { repository, call, branches }));
  }
  const pipeline = /^\/pipelines\/(\d+)\/jobs$/.exec(rest)?.[1];
  if (pipeline !== undefined) {
    const found = [...repository.checks].find(
      ([commit]) => pipelineId(repository, commit) === Number(pipeline),
    );
    const jobs = (found?.[1] ?? []).map((check, index) => ({
      id: index + 1,
      name: check.name,
      status: check.state === 'failure' ? 'failed' : check.state === 'pending' ? 'running' : 'success',
      allow_failure: false,
    }));
    return listed(call, jobs);
  }
  return answer({ error: '404 Not Found' }, 404);
}

function create(call: FakeCall, repository: FakeRepository, branches: Map<string, string>): FakeAnswer {
  const { title, description, source_branch: source, target_branch: target } = call.body;
  const [sourceBranch, targetBranch] = [text(source) ?? '', text(target) ?? ''];
  if (!branches.has(sourceBranch)) return answer({ message: { source_branch: ['does not exist'] } }, 400);
  if (!branches.has(targetBranch)) return answer({ message: { target_branch: ['does not exist'] } }, 400);
  const open = repository.pullRequests.find(
    (pull) => pull.state === 'open' && pull.sourceBranch === sourceBranch && !pull.fork,
  );
  if (open)
    return answer(
      { message: [`Another open merge request already exists for this source branch: !${open.number}`] },
      409,
    );
  const pull: FakePullRequest = {
    number: repository.pullRequests.length + 1,
    title: text(title) ?? '',
    body: text(description) ?? '',
    state: 'open',
    draft: DRAFT.test(text(title) ?? ''),
    sourceBranch,
    targetBranch,
    author: call.token.username,
  };
  repository.pullRequests.push(pull);
  return answer(toRequest(pull, { repository, call, branches }), 201);
}

function listed(call: FakeCall, items: readonly unknown[]): FakeAnswer {
  const page = pageOf(items, call, PAGE);
  return answer(page.items, 200, {
    ...linkHeader(call, page),
    'x-page': String(page.page),
    'x-next-page': page.page < page.pages ? String(page.page + 1) : '',
    'x-total': String(page.total),
    'x-total-pages': String(page.pages),
  });
}

function notFound(what: string): FakeAnswer {
  return answer({ message: `404 ${what} Not Found` }, 404);
}

function stateOf(pull: FakePullRequest): string {
  return pull.state === 'open' ? 'opened' : pull.state;
}

function pipelineId(repository: FakeRepository, commit: string): number {
  return repository.id * 1000 + [...repository.checks.keys()].indexOf(commit) + 1;
}

function toProject(repository: FakeRepository, { origin }: FakeCall) {
  return {
    id: repository.id,
    name: repository.name.split('/').at(-1),
    path_with_namespace: repository.name,
    description: repository.description === '' ? null : repository.description,
    default_branch: repository.defaultBranch,
    visibility: repository.private ? 'private' : 'public',
    web_url: `${origin}/${repository.name}`,
    http_url_to_repo: `${origin}/${repository.name}.git`,
  };
}

function toRequest(
  pull: FakePullRequest,
  {
    repository,
    call,
    branches,
  }: { repository: FakeRepository; call: FakeCall; branches: Map<string, string> },
) {
  return {
    id: repository.id * 1000 + pull.number,
    iid: pull.number,
    web_url: `${call.origin}/${repository.name}/-/merge_requests/${pull.number}`,
    title: pull.title,
    description: pull.body === '' ? null : pull.body,
    state: stateOf(pull),
    draft: pull.draft,
    source_branch: pull.sourceBranch,
    target_branch: pull.targetBranch,
    sha: branches.get(pull.sourceBranch) ?? null,
    source_project_id: pull.fork === undefined ? repository.id : repository.id + 100_000,
    target_project_id: repository.id,
    author: { username: pull.author },
  };
}
