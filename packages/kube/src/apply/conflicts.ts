import { ApiError, type StatusCause } from '@wegent/api';
import { type FieldSet, pathsOf, pathText } from './field-set.ts';
import type { Manager } from './managed-fields.ts';

const MAX_CAUSES = 100;
const MAX_PATH = 500;

/** Fields that somebody else owns and the applied document sets differently. */
export interface FieldConflict {
  manager: Manager;
  fields: FieldSet;
}

/** The refusal of an apply: who owns which field. */
export function applyConflict(
  conflicts: readonly FieldConflict[],
  about: { name: string; group: string; kind: string },
): ApiError {
  const grouped = conflicts.map(({ manager, fields }) => ({
    who: managerText(manager),
    paths: pathsOf(fields)
      .map((path) => pathText(path).slice(0, MAX_PATH))
      .sort(),
  }));
  const count = grouped.reduce((sum, { paths }) => sum + paths.length, 0);
  const causes: StatusCause[] = grouped
    .flatMap(({ who, paths }) =>
      paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
    )
    .slice(0, MAX_CAUSES);
  const texts = grouped.map(({ who, paths }) =>
    paths.length === 1
      ? `conflict with ${who}: ${paths[0]}`
      : [`conflicts with ${who}:`, ...paths.slice(0, MAX_CAUSES).map((path) => `- ${path}`)].join('\n'),
  );
  return new ApiError(
    'Conflict',
    `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: ${texts.join('\n')}`,
    {
      details: {
        name: about.name,
        ...(about.group === '' ? {} : { group: about.group }),
        kind: about.kind,
        causes,
      },
    },
  );
}

function managerText({ name, operation, subresource, apiVersion, time }: Manager): string {
  const who = `${JSON.stringify(name)}${subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`}`;
  if (operation === 'Apply') return who;
  return `${who} using ${apiVersion}${time === '' ? '' : ` at ${time}`}`;
}
