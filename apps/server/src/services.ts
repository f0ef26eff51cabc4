import type { Store } from '@wegent/store';
import type { SystemService } from './admin/system.service.ts';
import type { UserAdminService } from './admin/user-admin.service.ts';
import type { AttachmentService } from './attachments/attachment.service.ts';
import type { AuthService } from './auth/auth.service.ts';
import type { RefreshCookie } from './auth/refresh-cookie.ts';
import type { ChatService } from './chat/chat.service.ts';
import type { ExecutionService } from './executions/execution.service.ts';
import type { Metrics } from './http/metrics.ts';
import type { ModelService } from './models/model.service.ts';
import type { Publisher } from './realtime/publisher.ts';
import type { ApplyService } from './resources/apply.service.ts';
import type { ResourceService } from './resources/resource.service.ts';
import type { WatchService } from './resources/watch.service.ts';
import type { TaskService } from './tasks/task.service.ts';
import type { NamespaceService } from './users/namespace.service.ts';
import type { UserService } from './users/user.service.ts';

/** Everything that routes call; `compose.ts` makes it. */
export interface Services {
  store: Store;
  metrics: Metrics;
  publisher: Publisher;
  auth: AuthService;
  refreshCookie: RefreshCookie;
  users: UserService;
  namespaces: NamespaceService;
  userAdmin: UserAdminService;
  system: SystemService;
  resources: ResourceService;
  apply: ApplyService;
  watches: WatchService;
  models: ModelService;
  attachments: AttachmentService;
  tasks: TaskService;
  chat: ChatService;
  executions: ExecutionService;
}
