import { z } from 'zod';
import { ObjectName } from './meta.ts';

/** A user as the API shows it. */
export const User = z.object({
  id: z.string(),
  username: z.string(),
  displayName: z.string().optional(),
  email: z.string().optional(),
  role: z.enum(['admin', 'user']),
  namespace: z.string().describe("The user's own namespace."),
  disabled: z.boolean(),
  preferences: z.record(z.string(), z.unknown()),
  createdAt: z.string(),
  lastLoginAt: z.string().optional(),
});
export type User = z.infer<typeof User>;

/** Password rule: 8–1,024 characters; length is what counts. */
export const Password = z.string().min(8, 'must have at least 8 characters').max(1024);
/** User names are also names of namespaces. */
export const Username = ObjectName.max(50).refine(
  (name) => !['public', 'default', 'system', 'kube-system'].includes(name.toLowerCase()),
  'is reserved',
);

/** POST /api/v1/auth/login. */
export const LoginRequest = z.strictObject({
  username: z.string().min(1).max(200),
  password: z.string().min(1).max(1024),
});
export type LoginRequest = z.infer<typeof LoginRequest>;
/** POST /api/v1/auth/setup, once, on a fresh install. */
export const SetupRequest = z.strictObject({
  setupToken: z.string().min(1).max(200),
  username: Username.optional(),
  password: Password,
});
export type SetupRequest = z.infer<typeof SetupRequest>;
/** POST /api/v1/auth/logout; the body may be left out. `everywhere` ends all sessions of the user. */
export const LogoutRequest = z.strictObject({ everywhere: z.boolean().default(false) }).nullish();
/** Answer of login, setup and refresh; the refresh token is an HttpOnly cookie. */
export const Session = z.object({ accessToken: z.string(), expiresAt: z.string(), user: User });
export type Session = z.infer<typeof Session>;
/** GET /api/v1/auth/state: what the sign-in page must show. */
export const AuthState = z.object({ setupRequired: z.boolean() });
export type AuthState = z.infer<typeof AuthState>;

/** PATCH /api/v1/users/me. */
export const ProfilePatch = z.strictObject({
  displayName: z.string().max(200).optional(),
  email: z.union([z.email().max(320), z.literal('')]).optional(),
  password: z.strictObject({ current: z.string().max(1024), next: Password }).optional(),
  preferences: z.record(z.string().max(100), z.unknown()).optional(),
});
export type ProfilePatch = z.infer<typeof ProfilePatch>;
/** POST /api/v1/users/me/api-keys. */
export const ApiKeyRequest = z.strictObject({
  name: z.string().min(1).max(100),
  expiresAt: z.iso.datetime().optional(),
});
export type ApiKeyRequest = z.infer<typeof ApiKeyRequest>;
/** An API key; `key` is there only in the answer that made it. */
export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  key: z.string().optional(),
  createdAt: z.string(),
  expiresAt: z.string().optional(),
  lastUsedAt: z.string().optional(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** POST /api/v1/admin/users. */
export const UserCreate = z.strictObject({
  username: Username,
  password: Password,
  displayName: z.string().max(200).optional(),
  email: z.email().max(320).optional(),
  role: z.enum(['admin', 'user']).default('user'),
});
export type UserCreate = z.input<typeof UserCreate>;
/** PATCH /api/v1/admin/users/{userId}. */
export const UserPatch = z.strictObject({
  role: z.enum(['admin', 'user']).optional(),
  disabled: z.boolean().optional(),
  displayName: z.string().max(200).optional(),
  email: z.union([z.email().max(320), z.literal('')]).optional(),
});
export type UserPatch = z.infer<typeof UserPatch>;
/** POST /api/v1/admin/users/{userId}/reset-password. */
export const PasswordReset = z.strictObject({ password: Password });
export type PasswordReset = z.infer<typeof PasswordReset>;

/** One document of apply or delete, and what became of it. */
export const ApplyResult = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  operation: z.enum(['created', 'configured', 'unchanged', 'deleted', 'failed']),
  error: z.unknown().optional().describe('Status of a failed document.'),
  object: z.record(z.string(), z.unknown()).optional().describe('Of a dry run: what would be there.'),
});
export type ApplyResult = z.infer<typeof ApplyResult>;

/** POST /api/v1/models/test: tries a Model before it is saved. A masked or absent key takes the stored one of `name`. */
export const ModelTestRequest = z.strictObject({
  namespace: ObjectName.optional(),
  name: ObjectName.optional(),
  spec: z.record(z.string(), z.unknown()).optional(),
});
export type ModelTestRequest = z.infer<typeof ModelTestRequest>;
/** What a model said. */
export const ModelTestResult = z.object({
  ok: z.boolean(),
  latencyMs: z.number(),
  reply: z.string().optional(),
  error: z.object({ reason: z.string(), message: z.string(), detail: z.string().optional() }).optional(),
});
export type ModelTestResult = z.infer<typeof ModelTestResult>;

/** POST /api/v1/approvals/{id}. */
export const ApprovalDecision = z.strictObject({
  decision: z.enum(['allow', 'deny']),
  reason: z.string().max(10_000).optional().describe('What the model is told after a refusal.'),
  updatedInput: z.unknown().optional().describe('Replaces the input of the tool call.'),
  remember: z
    .strictObject({
      tool: z.string().min(1).max(200),
      match: z.string().max(10_000).optional(),
    })
    .optional()
    .describe('Decide calls of this tool (whose input matches) the same way for the rest of the task.'),
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;

/** POST /api/v1/questions/{id}. */
export const QuestionAnswers = z.strictObject({
  answers: z
    .record(z.string().max(200), z.union([z.string().max(10_000), z.array(z.string().max(10_000)).max(100)]))
    .describe('By id of the question: a value, or several.'),
});
export type QuestionAnswers = z.infer<typeof QuestionAnswers>;

/** An approval or a question that waits for a person. */
export const PendingDecision = z.object({
  id: z.string(),
  type: z.enum(['approval', 'question']),
  taskId: z.string(),
  taskTitle: z.string(),
  executionId: z.string(),
  tool: z.string().optional(),
  title: z.string(),
  input: z.unknown().optional(),
  reason: z.string().optional(),
  createdAt: z.string(),
});
export type PendingDecision = z.infer<typeof PendingDecision>;
