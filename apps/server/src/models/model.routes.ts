import { ModelTestRequest, ModelTestResult } from '@wegent/api';
import type { App } from '../http/app-type.ts';
import type { ModelService } from './model.service.ts';

/** What Models can do besides being stored. */
export function registerModelRoutes(app: App, { models }: { models: ModelService }): void {
  app.post('/api/v1/models/test', {
    schema: {
      tags: ['models'],
      summary: 'Try a Model, saved or not, with a short question',
      body: ModelTestRequest,
      response: { 200: ModelTestResult },
    },
    handler: (request) => models.test(request.principal, request.body),
  });
}
