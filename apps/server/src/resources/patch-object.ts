import { ApiError, type KindDefinition } from '@wegent/api';
import { applyConfiguration, jsonPatch, mergePatch, scopeOf, strategicMergePatch } from '@wegent/kube';
import type { Patch } from './resource.service.ts';
import { typeOf } from './served-types.ts';
import type { WireObject } from './wire.ts';

/** An object with a patch of any type but `apply`. */
export function patchObject(definition: KindDefinition, visible: WireObject, { type, body }: Patch): unknown {
  switch (type) {
    case 'merge':
      return mergePatch(visible, body);
    case 'json':
      return jsonPatch(visible, body);
    case 'strategic':
      return strategicMergePatch(visible, body, scopeOf(typeOf(definition)));
    case 'apply':
      throw new ApiError('InternalError', 'an apply is no patch of what is there');
  }
}

/** What server-side apply makes of an object, or of none, and a configuration; the owners are noted in it. */
export function applyObject({
  definition,
  live,
  config,
  force,
  manager,
  subresource,
}: {
  definition: KindDefinition;
  live: WireObject | undefined;
  config: unknown;
  force: boolean | undefined;
  manager: string | undefined;
  subresource?: 'status' | 'scale';
}): unknown {
  const { object } = applyConfiguration({
    type: typeOf(definition),
    live,
    config,
    force: force ?? false,
    manager: manager ?? 'wegent',
    subresource,
    now: Date.now(),
  });
  return object;
}
