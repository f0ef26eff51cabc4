import { ApiError } from '@wegent/api';
import type { Principal } from '../auth/principal.ts';

/** Refuses everybody but the platform's administrators. */
export function requireAdmin(principal: Principal): void {
  if (principal.role === 'admin') return;
  throw new ApiError('Forbidden', `User "${principal.username}" is not an administrator of this platform`);
}
