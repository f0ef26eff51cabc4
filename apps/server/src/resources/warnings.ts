import { warningHeaders } from '@wegent/kube';

/** Warnings as the response header that kubectl prints. */
export function asWarnings(warnings: readonly string[]): { warning?: string[] } {
  return warnings.length === 0 ? {} : { warning: warningHeaders(warnings) };
}
