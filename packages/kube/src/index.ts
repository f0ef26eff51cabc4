/**
 * @wegent/kube — the conventions of the Kubernetes API as a library.
 *
 * Discovery, OpenAPI, negotiation, tables, selectors, validation, patches, server-side apply, protobuf bodies,
 * watches, reviews, shells, deletion and garbage collection, all as pure functions over the description of a type
 * (`ResourceType`). It knows no kind by name and no database. It may import @wegent/api and zod, nothing else: no
 * I/O, no Node built-ins.
 */
export * from './age.ts';
export * from './apply/apply-configuration.ts';
export { type FieldSet, pathsOf, pathText } from './apply/field-set.ts';
export { type Manager, readManagers } from './apply/managed-fields.ts';
export { type OwnedType, trackUpdate, type Writer } from './apply/ownership.ts';
export * from './deletion.ts';
export * from './discovery.ts';
export * from './exec-channel.ts';
export * from './field-manager.ts';
export * from './field-selector.ts';
export * from './garbage.ts';
export * from './impersonation.ts';
export * from './json-patch.ts';
export * from './json-schema.ts';
export * from './label-selector.ts';
export * from './lists.ts';
export * from './merge-patch.ts';
export * from './meta-schemas.ts';
export * from './negotiate.ts';
export * from './openapi/openapi-v2.ts';
export * from './openapi/openapi-v2-protobuf.ts';
export * from './openapi/openapi-v3.ts';
export * from './pod-options.ts';
export { type DecodedDocument, decodeProtobuf } from './protobuf/decode.ts';
export { isSet, type QueryParameters } from './query-parameters.ts';
export * from './resource-errors.ts';
export * from './resource-type.ts';
export * from './reviews.ts';
export * from './scale.ts';
export { matchFields, matchLabels } from './selectors.ts';
export * from './spelling.ts';
export * from './strategic-merge-patch.ts';
export * from './table.ts';
export * from './tree.ts';
export { FieldValidation, invalidObject, type ValidObject, validateObject } from './validate.ts';
export * from './version-info.ts';
export * from './version-rule.ts';
export * from './warnings.ts';
export * from './watch.ts';
export * from './watch-frames.ts';
export * from './zod-schema.ts';
