import { type LanguageModel, type LanguageModelMiddleware, wrapLanguageModel } from 'ai';

/** A model of one of the SDK's providers. */
export type ProviderModel = Exclude<LanguageModel, string>;

type WrapStream = NonNullable<LanguageModelMiddleware['wrapStream']>;
type PartStream = Awaited<ReturnType<WrapStream>>['stream'];
/** What a provider streams. */
export type ProviderPart = PartStream extends ReadableStream<infer Part> ? Part : never;
type Delta = Extract<ProviderPart, { type: 'text-delta' | 'reasoning-delta' }>;

/**
 * The same model, whose parts go to `onPart` as they come; the next one is read when it has settled. The SDK gets
 * deltas that follow each other as one: its many stages cost more per part than everything else, and all that it is
 * needed for is what comes of the whole (tools, usage, messages).
 */
export function tapModel(
  model: ProviderModel,
  onPart: (part: ProviderPart) => void | Promise<void>,
): ProviderModel {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: 'v4',
      wrapStream: async ({ doStream }) => {
        const result = await doStream();
        return { ...result, stream: tapStream(result.stream, onPart) };
      },
    },
  });
}

function tapStream(source: PartStream, onPart: (part: ProviderPart) => void | Promise<void>): PartStream {
  const reader = source.getReader();
  let held: Delta | undefined;
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const { done, value: part } = await reader.read();
        if (part) await onPart(part);
        const merged = part && mergeDeltas(held, part);
        if (merged) {
          held = merged;
          continue;
        }
        if (held) controller.enqueue(held);
        held = undefined;
        if (done) return controller.close();
        controller.enqueue(part);
        return;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Undefined when the part is none to be held; metadata, such as a signature of reasoning, go on at once. */
function mergeDeltas(held: Delta | undefined, part: ProviderPart): Delta | undefined {
  if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') return undefined;
  if (part.providerMetadata !== undefined) return undefined;
  if (!held) return part;
  if (held.type !== part.type || held.id !== part.id) return undefined;
  return { ...held, delta: held.delta + part.delta };
}
