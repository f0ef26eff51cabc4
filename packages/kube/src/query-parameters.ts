/** Where query parameters are looked up; `URLSearchParams` is one. */
export interface QueryParameters {
  get(name: string): string | null;
  getAll(name: string): string[];
}

/** Is a boolean parameter set? Any value but `false` and `0` counts, as in Kubernetes; clients send `True`. */
export function isSet(query: QueryParameters, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== 'false' && value !== '0';
}
