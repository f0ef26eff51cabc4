import swagger from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { App } from './app-type.ts';

/** Collects the schemas of all routes; call it before they are registered. */
export async function registerOpenApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Wegent',
        version,
        description: 'Agents as resources, conversations and runs. Failures are Kubernetes Status objects.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An access token or an API key (wg_…).' },
        },
      },
      security: [{ bearer: [] }],
    },
    transform: (route) => withNamedPath(jsonSchemaTransform(route)),
  });
  app.get('/openapi.json', { config: { public: true }, schema: { hide: true } }, async () => app.swagger());
}

type Described = ReturnType<typeof jsonSchemaTransform>;

/** The rest of a path, `*` for the router, is a parameter with a name in the description. */
function withNamedPath({ schema, url }: Described): Described {
  const { params } = schema;
  if (!url.endsWith('/*') || typeof params !== 'object' || params === null) return { schema, url };
  const renamed: unknown = JSON.parse(JSON.stringify(params).replaceAll('"*"', '"path"'));
  return { schema: { ...schema, params: renamed }, url: url.replace(/\*$/, ':path') };
}
