import { ApprovalDecision, PendingDecision, QuestionAnswers } from '@wegent/api';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import type { ApprovalService } from './approval.service.ts';

const TAGS = ['approvals'];
const ApprovalParams = z.object({
  approvalId: z.string().min(1).max(200).describe('As the event `approval-request` names it.'),
});
const QuestionParams = z.object({
  questionId: z.string().min(1).max(200).describe('As the event `question` names it.'),
});

const Run = z.object({
  executionId: z
    .string()
    .max(100)
    .optional()
    .describe('The run that asks; needed where several ask under the same id.'),
});

/** `/api/v1/approvals` and `/questions`: what agents ask people. */
export function registerApprovalRoutes(app: App, { approvals }: { approvals: ApprovalService }): void {
  app.get('/api/v1/approvals', {
    schema: {
      tags: TAGS,
      summary: 'Approvals and questions that wait for the caller, newest first',
      response: { 200: z.object({ items: z.array(PendingDecision) }) },
    },
    handler: async (request) => ({ items: await approvals.waiting(request.principal) }),
  });

  app.post('/api/v1/approvals/:approvalId', {
    schema: {
      tags: TAGS,
      summary: 'Allow or refuse a tool call',
      description:
        'Whoever takes part in the task may decide; the first decision counts, later ones get 409 and the name of who decided.',
      params: ApprovalParams,
      querystring: Run,
      body: ApprovalDecision,
      response: { 200: ApprovalDecision.pick({ decision: true }) },
    },
    handler: async (request) => {
      await approvals.decide(request.principal, { ...request.params, ...request.query }, request.body);
      return { decision: request.body.decision };
    },
  });

  app.post('/api/v1/questions/:questionId', {
    schema: {
      tags: TAGS,
      summary: 'Answer what an agent asked',
      params: QuestionParams,
      querystring: Run,
      body: QuestionAnswers,
      response: { 200: QuestionAnswers },
    },
    handler: async (request) => {
      await approvals.answer(request.principal, { ...request.params, ...request.query }, request.body);
      return request.body;
    },
  });
}
