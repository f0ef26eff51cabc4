import { timingSafeEqual } from 'node:crypto';
import {
  ApiError,
  Claim,
  ClaimRequest,
  Delegated,
  DelegatedRequest,
  DelegatedResult,
  DelegateRequest,
  EventAck,
  EventBatch,
  Heartbeat,
  HeartbeatRequest,
  type ManagerLink,
  ManagerOrders,
  ManagerReport,
} from '@wegent/api';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';

const Params = z.object({ executionId: z.string().min(1).max(100) });
const ManagerParams = z.object({ managerId: z.string().min(1).max(200) });

/** `/internal/v1`: what managers call. A shared secret opens it; users never do. */
export function registerInternalRoutes(
  app: App,
  { link, secret }: { link: ManagerLink; secret: string },
): void {
  const expected = Buffer.from(`Bearer ${secret}`);
  app.register(async (scope: App) => {
    scope.addHook('onRequest', async (request) => {
      const given = Buffer.from(request.headers.authorization ?? '');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new ApiError('Unauthorized', 'the internal secret is missing or wrong');
      }
    });
    const base = { hide: true, params: Params };
    scope.post(
      '/internal/v1/executions/:executionId/claim',
      { schema: { ...base, body: ClaimRequest, response: { 200: Claim } } },
      (request) => link.claim(request.params.executionId, request.body),
    );
    scope.post(
      '/internal/v1/executions/:executionId/heartbeat',
      { schema: { ...base, body: HeartbeatRequest, response: { 200: Heartbeat } } },
      (request) => link.heartbeat(request.params.executionId, request.body),
    );
    scope.post(
      '/internal/v1/executions/:executionId/events',
      { schema: { ...base, body: EventBatch, response: { 200: EventAck } } },
      (request) => link.events(request.params.executionId, request.body),
    );
    scope.post(
      '/internal/v1/executions/:executionId/delegate',
      { schema: { ...base, body: DelegateRequest, response: { 200: Delegated } } },
      (request) => link.delegate(request.params.executionId, request.body),
    );
    scope.post(
      '/internal/v1/executions/:executionId/delegated',
      { schema: { ...base, body: DelegatedRequest, response: { 200: DelegatedResult } } },
      (request) => link.delegated(request.params.executionId, request.body),
    );
    scope.post(
      '/internal/v1/managers/:managerId',
      {
        schema: { hide: true, params: ManagerParams, body: ManagerReport, response: { 200: ManagerOrders } },
      },
      (request) => link.report(request.params.managerId, request.body),
    );
  });
}
