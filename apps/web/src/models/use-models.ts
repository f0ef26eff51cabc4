import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  ModelSpec,
  ModelStatus,
  type ModelTestRequest,
  type ResourceObject,
  type ModelSpec as Spec,
} from '@wegent/api';
import { localName } from '../agents/localise.ts';
import type { Language } from '../i18n/i18n.ts';
import { useApi } from '../session/session-provider.tsx';
import { useAppearance } from '../theme/appearance-provider.tsx';

/** A Model as people see it. `object` is the stored document with its secrets masked. */
export interface ModelEntry {
  name: string;
  namespace: string;
  displayName: string;
  spec: Spec;
  status: ModelStatus | undefined;
  object: ResourceObject;
}

type LastTest = NonNullable<ModelStatus['lastTest']>;

const KEY = ['models'];

/** The language models that the person may use, by name; those of single Bots are left out. */
export function useModels() {
  const { resources } = useApi();
  const { language } = useAppearance().appearance;
  return useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => (await resources.list('models', { signal })).items,
    select: (items) =>
      items
        .flatMap((object) => readModel(object, language))
        .filter(({ spec }) => spec.modelType === 'llm' && !spec.isCustomConfig),
  });
}

/** Creates a Model, or replaces the stored one that it was made from. */
export function useSaveModel() {
  const { resources } = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (object: ResourceObject) =>
      object.metadata.resourceVersion === undefined
        ? resources.create({ plural: 'models', namespace: object.metadata.namespace, object })
        : resources.update('models', object),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Deletes a Model; `force` also one that is in use. */
export function useDeleteModel() {
  const { resources } = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, namespace, force }: { name: string; namespace: string; force: boolean }) =>
      resources.remove({ plural: 'models', namespace, name }, force ? { force } : {}),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Asks a Model for a short answer: a stored one by its name, or one that is not saved yet by its spec. */
export function useTestModel() {
  const { models } = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: ModelTestRequest) => models.test(request),
    onSuccess: ({ ok, latencyMs, error }, { namespace, name, spec }) => {
      if (spec !== undefined || namespace === undefined || name === undefined) return;
      const outcome = {
        at: new Date().toISOString(),
        ok,
        latencyMs,
        ...(error ? { message: error.message } : {}),
      };
      client.setQueryData<LastTest>(testKey({ namespace, name }), outcome);
      // The server has kept the outcome with the model, which is another version now.
      void client.invalidateQueries({ queryKey: KEY });
    },
  });
}

/** The last test of a stored Model: the one just made here, else the one in its status. */
export function useLastTest({ namespace, name, status }: ModelEntry): LastTest | undefined {
  const { data } = useQuery<LastTest>({
    queryKey: testKey({ namespace, name }),
    queryFn: skipToken,
    gcTime: Infinity,
  });
  return data ?? status?.lastTest;
}

function testKey({ namespace, name }: { namespace: string; name: string }) {
  return ['model-test', namespace, name];
}

function readModel(object: ResourceObject, language: Language): ModelEntry[] {
  const spec = ModelSpec.safeParse(object.spec);
  if (!spec.success) return [];
  const status = ModelStatus.safeParse(object.status);
  const { name, namespace } = object.metadata;
  return [
    {
      name,
      namespace,
      displayName: localName(object.metadata, language),
      spec: spec.data,
      status: status.data,
      object,
    },
  ];
}
