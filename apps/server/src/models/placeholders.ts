/**
 * Puts environment variables in place of `${NAME}` in all texts of a value. `environment` holds the names that the
 * operator allowed and nothing else; a placeholder of another name stays as it is written.
 */
export function resolvePlaceholders<T>(
  value: T,
  environment: Readonly<Record<string, string | undefined>>,
): T {
  return resolve(value, environment) as T;
}

function resolve(value: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (placeholder, name: string) =>
      Object.hasOwn(environment, name) ? (environment[name] ?? placeholder) : placeholder,
    );
  }
  if (Array.isArray(value)) return value.map((item) => resolve(item, environment));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolve(child, environment)]));
}
