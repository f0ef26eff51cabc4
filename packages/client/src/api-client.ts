import { createApprovalsApi } from './approvals.ts';
import { createAttachmentsApi } from './attachments.ts';
import { createAuthApi } from './auth.ts';
import { createExecutorsApi } from './executors.ts';
import { createHttpClient, type HttpClientOptions } from './http.ts';
import { createModelsApi } from './models.ts';
import { createResourcesApi } from './resources.ts';
import { createSkillsApi } from './skills.ts';
import { createTasksApi } from './tasks.ts';
import { createUsersApi } from './users.ts';
import { createWorkspacesApi } from './workspaces.ts';

/** Every HTTP call of the platform, by feature. */
export type ApiClient = ReturnType<typeof createApiClient>;

/** Creates all HTTP calls over one client. */
export function createApiClient(options: HttpClientOptions) {
  const http = createHttpClient(options);
  return {
    http,
    auth: createAuthApi(http),
    users: createUsersApi(http),
    resources: createResourcesApi(http),
    tasks: createTasksApi(http),
    approvals: createApprovalsApi(http),
    attachments: createAttachmentsApi(http),
    models: createModelsApi(http),
    workspaces: createWorkspacesApi(http),
    executors: createExecutorsApi(http),
    skills: createSkillsApi(http),
  };
}
