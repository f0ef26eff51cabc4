import { ApiError } from '@wegent/api';
import { z } from 'zod';
import { contentDisposition } from '../attachments/file-name.ts';
import type { App } from '../http/app-type.ts';
import { MAX_ARCHIVE_BYTES, type SkillService } from './skill.service.ts';

const TAGS = ['skills'];
const TYPES = ['application/zip', 'application/x-zip-compressed', 'application/octet-stream'];
const PATH = '/api/v1/namespaces/:namespace/skills/:name/archive';
const Params = z.object({
  namespace: z.string().min(1).max(100).describe('Namespace of the Skill.'),
  name: z.string().min(1).max(100).describe('Name of the Skill.'),
});

/** The archives of Skills: a zip of the folder that holds SKILL.md. */
export function registerSkillRoutes(app: App, { skills }: { skills: SkillService }): void {
  // Zip bodies are taken here and nowhere else.
  app.register(async (scope: App) => {
    scope.addContentTypeParser(
      TYPES,
      { parseAs: 'buffer', bodyLimit: MAX_ARCHIVE_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.put(PATH, {
      bodyLimit: MAX_ARCHIVE_BYTES,
      schema: {
        tags: TAGS,
        summary: 'Upload the archive of a Skill (zip with SKILL.md at its root or in its one folder)',
        description:
          'Makes the Skill when it is not there; its description and version are those of SKILL.md.',
        consumes: TYPES,
        params: Params,
        body: z.unknown().describe('The archive, as bytes.'),
        response: { 200: z.looseObject({ kind: z.literal('Skill') }) },
      },
      handler: async ({ principal, params, body }) => {
        if (!Buffer.isBuffer(body) || body.length === 0)
          throw new ApiError('UnsupportedMediaType', 'send the archive as the body, as application/zip');
        return { ...(await skills.put({ principal, ...params }, body)), kind: 'Skill' as const };
      },
    });
  });

  app.get(PATH, {
    schema: {
      tags: TAGS,
      summary: 'Download the archive of a Skill',
      params: Params,
      produces: ['application/zip'],
    },
    handler: async ({ principal, params }, reply) => {
      const { size, content } = await skills.open({ principal, ...params });
      return reply
        .headers({
          'content-disposition': contentDisposition('attachment', `${params.name}.zip`),
          ...(size === undefined ? {} : { 'content-length': size }),
          'x-content-type-options': 'nosniff',
          'content-security-policy': "sandbox; default-src 'none'",
        })
        .type('application/zip')
        .send(content);
    },
  });

  app.delete(PATH, {
    schema: {
      tags: TAGS,
      summary: 'Remove the archive of a Skill',
      params: Params,
      response: { 204: z.null() },
    },
    handler: async ({ principal, params }, reply) => {
      await skills.remove({ principal, ...params });
      return reply.code(204).send(null);
    },
  });
}
