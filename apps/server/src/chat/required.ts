import { ApiError } from '@wegent/api';

/** The refusal of a request that lacks a field. */
export function required(field: string, message: string): ApiError {
  return new ApiError('Invalid', message, {
    details: { causes: [{ reason: 'FieldValueRequired', field, message }] },
  });
}
