import { ApiError } from '@wegent/api';

/** One alternative of an `Accept` header. */
export interface MediaRange {
  /** In lower case, such as `application/json`. */
  type: string;
  parameters: ReadonlyMap<string, string>;
  quality: number;
}

/** What objects are turned into before they are written. */
export type Form = 'Object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

/** The answer that a client and this server agree on. */
export interface Negotiated {
  encoding: 'json' | 'yaml';
  form: Form;
  /** Version of meta.k8s.io in which a form other than `Object` is written. */
  metaVersion: 'v1' | 'v1beta1';
  contentType: string;
}

const MAX_RANGES = 100;
const JSON_TYPES = ['application/json', 'application/*', '*/*'];
const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'];
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/**
 * Chooses the form of an answer: the first alternative of the `Accept` header that is among `forms`. Protobuf is
 * passed over, since clients that prefer it offer JSON as well. Throws `NotAcceptable` when nothing fits.
 */
export function negotiate(
  accept: string | undefined,
  forms: readonly Form[] = ['Object'],
  encodings: readonly Negotiated['encoding'][] = ['json', 'yaml'],
): Negotiated {
  for (const range of parseAccept(accept?.trim() ? accept : '*/*')) {
    const encoding = encodingOf(range.type);
    if (encoding === undefined || !encodings.includes(encoding)) continue;
    const form = formOf(range);
    const metaVersion = range.parameters.get('v') === 'v1beta1' ? 'v1beta1' : 'v1';
    if (form === undefined || !forms.includes(form)) continue;
    return {
      encoding,
      form,
      metaVersion,
      contentType: encoding === 'json' ? 'application/json' : 'application/yaml',
    };
  }
  throw new ApiError(
    'NotAcceptable',
    `only the following media types are accepted: ${encodings.map((encoding) => `application/${encoding}`).join(', ')}${
      forms.length > 1 ? ` (as ${forms.join(', ')})` : ''
    }`,
  );
}

/** Reads an `Accept` header: what the client likes best comes first, equals in the order in which they stand. */
export function parseAccept(header: string | undefined): MediaRange[] {
  return (header ?? '')
    .split(',', MAX_RANGES)
    .map(parseRange)
    .filter((range) => range.type !== '' && range.quality > 0)
    .sort((left, right) => right.quality - left.quality);
}

/** In which encoding a body comes. Without a content type it is JSON. Throws `UnsupportedMediaType`. */
export function bodyEncoding(contentType: string | undefined): 'json' | 'yaml' | 'protobuf' {
  const { type } = parseRange(contentType ?? '');
  if (type === '' || type === 'application/json') return 'json';
  if (YAML_TYPES.includes(type)) return 'yaml';
  if (type === PROTOBUF) return 'protobuf';
  throw unsupported(contentType, ['application/json', 'application/yaml', PROTOBUF]);
}

/** The four kinds of patches. */
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** The content type of each kind of patch. */
export const PATCH_CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** Which patch a content type announces. Throws `UnsupportedMediaType` for others. */
export function patchTypeOf(contentType: string | undefined): PatchType {
  const { type } = parseRange(contentType ?? '');
  switch (type) {
    case PATCH_CONTENT_TYPES.json:
      return 'json';
    case PATCH_CONTENT_TYPES.merge:
      return 'merge';
    case PATCH_CONTENT_TYPES.strategic:
      return 'strategic';
    case PATCH_CONTENT_TYPES.apply:
      return 'apply';
    default:
      throw unsupported(contentType, Object.values(PATCH_CONTENT_TYPES));
  }
}

function parseRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';');
  const parameters = new Map(
    rest.map((parameter): [string, string] => {
      const [name = '', ...value] = parameter.split('=');
      return [
        name.trim().toLowerCase(),
        value
          .join('=')
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      ];
    }),
  );
  const quality = Number(parameters.get('q') ?? 1);
  return {
    type: type.trim().toLowerCase(),
    parameters,
    quality: Number.isFinite(quality) ? Math.min(Math.max(quality, 0), 1) : 0,
  };
}

function encodingOf(type: string): Negotiated['encoding'] | undefined {
  if (JSON_TYPES.includes(type)) return 'json';
  return YAML_TYPES.includes(type) ? 'yaml' : undefined;
}

function formOf({ parameters }: MediaRange): Form | undefined {
  const as = parameters.get('as');
  if (as === undefined) return 'Object';
  if (parameters.get('g') !== 'meta.k8s.io' || !['v1', 'v1beta1'].includes(parameters.get('v') ?? ''))
    return undefined;
  return as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'
    ? as
    : undefined;
}

function unsupported(contentType: string | undefined, wanted: readonly string[]): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format (${JSON.stringify((contentType ?? '').slice(0, 200))}) - accepted media types include: ${wanted.join(', ')}`,
  );
}
