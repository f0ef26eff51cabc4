import type { GitHostType } from '@wegent/api';
import type { GitHostApi, HostConnection } from './git-host-api.ts';
import { createGiteaApi } from './gitea-api.ts';
import { createGiteeApi } from './gitee-api.ts';
import { createGitHubApi } from './github-api.ts';
import { createGitLabApi } from './gitlab-api.ts';

/** What speaks an API besides git. */
export type ApiHostType = Exclude<GitHostType, 'git'>;

const APIS: Record<ApiHostType, (connection: HostConnection) => GitHostApi> = {
  github: createGitHubApi,
  gitlab: createGitLabApi,
  gitea: createGiteaApi,
  gitee: createGiteeApi,
};

/** How people call these hosts. */
export const HOST_NAMES: Record<ApiHostType, string> = {
  github: 'GitHub',
  gitlab: 'GitLab',
  gitea: 'Gitea',
  gitee: 'Gitee',
};

/** The API of a host in the name of one person. */
export function openHostApi(type: ApiHostType, connection: HostConnection): GitHostApi {
  return APIS[type](connection);
}
