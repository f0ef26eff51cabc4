import type {
  ApiKey,
  ApiKeyRequest,
  PasswordReset,
  ProfilePatch,
  User,
  UserCreate,
  UserPatch,
} from '@wegent/api';
import type { HttpClient } from './http.ts';

/** One's own account and, for administrators, those of others. */
export type UsersApi = ReturnType<typeof createUsersApi>;

/** A page of users, by user name. */
export interface UserPage {
  items: User[];
  metadata?: { continue?: string };
}

/** Creates the calls under /api/v1/users/me and /api/v1/admin/users. */
export function createUsersApi(http: HttpClient) {
  return {
    /** The signed-in user. */
    me: () => http.request<User>('GET', '/api/v1/users/me'),
    /** Changes the profile; a new password needs the current one. */
    updateMe: (patch: ProfilePatch) => http.request<User>('PATCH', '/api/v1/users/me', { body: patch }),
    /** One's own API keys, without their secrets. */
    apiKeys: () => http.request<{ items: ApiKey[] }>('GET', '/api/v1/users/me/api-keys'),
    /** Makes an API key; only this answer holds `key`. */
    createApiKey: (request: ApiKeyRequest) =>
      http.request<ApiKey>('POST', '/api/v1/users/me/api-keys', { body: request }),
    /** Ends an API key at once. */
    deleteApiKey: (id: string) =>
      http.request<void>('DELETE', `/api/v1/users/me/api-keys/${encodeURIComponent(id)}`),

    /** All users; administrators only. */
    list: (query: { limit?: number; continue?: string; search?: string } = {}) =>
      http.request<UserPage>('GET', '/api/v1/admin/users', { query }),
    /** Adds a user; administrators only. */
    create: (user: UserCreate) => http.request<User>('POST', '/api/v1/admin/users', { body: user }),
    /** Changes role, state or names of a user; administrators only. */
    update: (userId: string, patch: UserPatch) =>
      http.request<User>('PATCH', adminPath(userId), { body: patch }),
    /** Sets a new password and ends the user's sessions; administrators only. */
    resetPassword: (userId: string, body: PasswordReset) =>
      http.request<void>('POST', `${adminPath(userId)}/reset-password`, { body }),
  };
}

function adminPath(userId: string): string {
  return `/api/v1/admin/users/${encodeURIComponent(userId)}`;
}
