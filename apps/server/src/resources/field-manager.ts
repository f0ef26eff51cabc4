import { managerOfUserAgent } from '@wegent/kube';

/**
 * Who owns the fields of a write: the name that the client gives itself, else what its user agent begins with, as in
 * Kubernetes. Browsers all call themselves Mozilla; there it is the platform's own page.
 */
export function fieldManagerOf(given: string | undefined, userAgent: string | undefined): string {
  if (given !== undefined && given !== '') return given;
  const program = managerOfUserAgent(userAgent);
  return program === 'Mozilla' || program === 'unknown' ? 'wegent' : program;
}
