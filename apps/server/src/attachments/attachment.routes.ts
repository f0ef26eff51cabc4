import multipart from '@fastify/multipart';
import { ApiError, AttachmentInfo } from '@wegent/api';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { type AttachmentService, tooLarge } from './attachment.service.ts';
import { isInline, isTextType } from './attachment-type.ts';
import { cleanFileName, contentDisposition } from './file-name.ts';

const TAGS = ['attachments'];
const Params = z.object({ attachmentId: z.string().min(1).max(100) });

/** Upload, download and removal of files of messages. */
export function registerAttachmentRoutes(
  app: App,
  { attachments }: { attachments: AttachmentService },
): void {
  // Multipart bodies are taken here and nowhere else.
  app.register(async (scope: App) => {
    await scope.register(multipart, {
      limits: {
        files: 1,
        fields: 10,
        parts: 12,
        fileSize: attachments.maxBytes,
        fieldSize: 1024,
        headerPairs: 50,
      },
    });

    scope.post('/api/v1/attachments', {
      schema: {
        tags: TAGS,
        summary: 'Upload a file (multipart/form-data, one file)',
        consumes: ['multipart/form-data'],
        response: { 201: AttachmentInfo },
      },
      handler: async (request, reply) => {
        const file = await readFile(request, attachments.maxBytes);
        return reply.code(201).send(await attachments.upload(request.principal, file));
      },
    });
  });

  app.get('/api/v1/attachments/:attachmentId', {
    schema: { tags: TAGS, summary: 'Download a file', params: Params },
    handler: async (request, reply) => {
      const { info, content } = await attachments.open(request.principal, request.params.attachmentId);
      const type = isTextType(info.mediaType) ? `${info.mediaType}; charset=utf-8` : info.mediaType;
      return reply
        .headers({
          'content-disposition': contentDisposition(
            isInline(info.mediaType) ? 'inline' : 'attachment',
            info.name,
          ),
          'content-length': info.size,
          'cache-control': 'private, max-age=3600',
          'x-content-type-options': 'nosniff',
          // What people upload must not act in the name of the platform.
          'content-security-policy': "sandbox; default-src 'none'",
        })
        .type(type)
        .send(content);
    },
  });

  app.delete('/api/v1/attachments/:attachmentId', {
    schema: {
      tags: TAGS,
      summary: 'Remove a file that was not sent',
      params: Params,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      await attachments.delete(request.principal, request.params.attachmentId);
      return reply.code(204).send(null);
    },
  });
}

async function readFile(
  request: FastifyRequest,
  maxBytes: number,
): Promise<{ name: string | undefined; content: Uint8Array }> {
  if (!request.isMultipart())
    throw new ApiError('UnsupportedMediaType', 'send the file as multipart/form-data');
  try {
    const part = await request.file();
    if (!part) throw new ApiError('BadRequest', 'the request holds no file');
    const chunks: Uint8Array[] = [];
    for await (const chunk of part.file) chunks.push(chunk);
    if (part.file.truncated) throw tooLarge(cleanFileName(part.filename), maxBytes);
    return { name: part.filename, content: Buffer.concat(chunks) };
  } catch (error) {
    // The plugin's own refusals carry a status code; whatever else the parser throws is about the body.
    if (error instanceof ApiError || (error instanceof Error && 'statusCode' in error)) throw error;
    throw new ApiError('BadRequest', 'the multipart body cannot be read', { cause: error });
  }
}
