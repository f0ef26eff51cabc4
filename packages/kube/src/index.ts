/**
 * @wegent/kube — the conventions of the Kubernetes API as a library.
 *
 * Selectors, validation of documents against a kind, patches, continue tokens and the framing of watches,
 * all as pure functions. It knows no kind by name (the caller hands in a KindDefinition) and no database.
 * It may import @wegent/api and zod, nothing else: no I/O, no Node built-ins.
 */
export * from './lists.ts';
export * from './patch.ts';
export * from './selectors.ts';
export * from './tree.ts';
export * from './validate.ts';
export * from './watch.ts';
