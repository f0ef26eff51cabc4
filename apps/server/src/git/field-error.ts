import { type ApiError, invalid } from '@wegent/api';

/** Invalid input in one field. */
export function fieldError(field: string, message: string, reason = 'FieldValueInvalid'): ApiError {
  return invalid(`${field}: ${message}`, [{ reason, field, message }]);
}
