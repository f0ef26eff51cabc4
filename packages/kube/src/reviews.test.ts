import { describe, expect, it } from 'vitest';
import { impersonationOf } from './impersonation.ts';
import {
  answerAccessReview,
  answerRulesReview,
  answerSelfSubjectReview,
  type PathQuestion,
  type ResourceQuestion,
} from './reviews.ts';

const access = (spec: unknown) => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  spec,
});

describe('reviews', () => {
  it('say who somebody is', () => {
    expect(
      answerSelfSubjectReview(
        { metadata: { creationTimestamp: null } },
        { username: 'alice', groups: ['g'] },
      ),
    ).toEqual({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
      metadata: {},
      status: { userInfo: { username: 'alice', groups: ['g'] } },
    });
  });

  it('say what somebody may do', async () => {
    const asked: (ResourceQuestion | PathQuestion)[] = [];
    const decide = (question: ResourceQuestion | PathQuestion) => {
      asked.push(question);
      return question.verb === 'get' ? { allowed: true } : { allowed: false, reason: 'role viewer' };
    };
    const spec = {
      resourceAttributes: { namespace: 'n', verb: 'delete', group: 'example.org', resource: 'things' },
    };
    expect(await answerAccessReview(access(spec), decide)).toEqual({
      ...access(spec),
      metadata: {},
      status: { allowed: false, reason: 'role viewer' },
    });
    const path = { nonResourceAttributes: { path: '/version', verb: 'get' } };
    expect(await answerAccessReview(access(path), decide)).toMatchObject({ status: { allowed: true } });
    expect(asked).toEqual([
      {
        namespace: 'n',
        verb: 'delete',
        group: 'example.org',
        resource: 'things',
        version: '',
        subresource: '',
        name: '',
      },
      { path: '/version', verb: 'get' },
    ]);
  });

  it.each([
    [[], 'BadRequest'],
    [access({}), 'BadRequest'],
    [access(null), 'BadRequest'],
    [access({ resourceAttributes: {}, nonResourceAttributes: {} }), 'BadRequest'],
    [access({ resourceAttributes: { verb: 7 } }), 'Invalid'],
    [{ ...access({ resourceAttributes: {} }), kind: 'Other' }, 'BadRequest'],
  ])('refuse %j', async (body, reason) => {
    await expect(answerAccessReview(body, () => ({ allowed: true }))).rejects.toMatchObject({ reason });
  });

  it('list all that somebody may do', async () => {
    const rules = {
      resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['bags'] }],
      nonResourceRules: [],
    };
    expect(
      await answerRulesReview({ spec: { namespace: 'n' } }, (namespace) =>
        namespace === 'n' ? rules : { ...rules, resourceRules: [] },
      ),
    ).toEqual({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      metadata: {},
      spec: { namespace: 'n' },
      status: { incomplete: false, ...rules },
    });
    await expect(answerRulesReview({ spec: {} }, () => rules)).rejects.toThrow('spec.namespace');
  });
});

describe('impersonationOf', () => {
  it('reads every header of it, so that none is ignored', () => {
    expect(impersonationOf({ authorization: 'Bearer x' })).toBeUndefined();
    expect(
      impersonationOf({
        'impersonate-user': 'bob',
        'impersonate-group': ['a', 'b'],
        'impersonate-uid': 'u',
        'impersonate-extra-scopes': 'view',
      }),
    ).toEqual({ user: 'bob', groups: ['a', 'b'], uid: 'u', extra: { scopes: ['view'] } });
    expect(impersonationOf({ 'impersonate-group': 'a' })).toEqual({ user: '', groups: ['a'], extra: {} });
  });
});
