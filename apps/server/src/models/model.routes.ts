import { ModelTestRequest, ModelTestResult, TeamInputs } from '@wegent/api';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import type { InputFormService } from './input-form.service.ts';
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

/** What the applications behind a Team ask people for. */
export function registerInputFormRoutes(app: App, { inputs }: { inputs: InputFormService }): void {
  app.get('/api/v1/namespaces/:namespace/teams/:name/inputs', {
    schema: {
      tags: ['models'],
      summary: 'The input forms of the Dify applications that a Team works with',
      params: z.object({
        namespace: z.string().min(1).max(100).describe('Namespace of the Team.'),
        name: z.string().min(1).max(100).describe('Name of the Team.'),
      }),
      response: { 200: TeamInputs },
    },
    handler: ({ principal, params }) => inputs.ofTeam(principal, params),
  });
}
