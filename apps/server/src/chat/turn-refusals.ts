import { ApiError, type ResourceObject } from '@wegent/api';

/** The parts of a member do not fit. */
export function unfit(team: ResourceObject, message: string, field: string): ApiError {
  const { name } = team.metadata;
  const causes = [{ reason: 'FieldValueNotSupported', field, message }];
  return new ApiError('Invalid', `Team "${name}" cannot answer: ${message}`, {
    details: { kind: 'Team', name, causes },
  });
}

/** Nobody says which model a Bot uses. */
export function modelless(bot: ResourceObject): ApiError {
  const { name } = bot.metadata;
  const causes = [{ reason: 'FieldValueRequired', field: 'modelOverride', message: 'Required value' }];
  return new ApiError(
    'Invalid',
    `Bot "${name}" has no Model. Choose a model for this message, or set one in the agent.`,
    { details: { kind: 'Bot', name, causes } },
  );
}

/** Something that a member is made of was deleted. */
export function missing(team: ResourceObject, kind: string, name: string): ApiError {
  return new ApiError(
    'Invalid',
    `Team "${team.metadata.name}" cannot answer: ${kind} "${name}" is not there any more. Choose another one in the agent, or make it again.`,
  );
}
