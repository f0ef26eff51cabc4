import { brokenRule, given, isSet, type QueryParameters, wholeNumber } from './query-parameters.ts';

/** Options of a list or a watch. */
export interface ListOptions {
  labelSelector: string;
  fieldSelector: string;
  /** Absent when the client sets no bound. */
  limit?: number;
  continue?: string;
  resourceVersion: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  watch: boolean;
  allowWatchBookmarks: boolean;
  /** A watch begins with what exists, and says where that ends. */
  sendInitialEvents: boolean;
  timeoutSeconds?: number;
}

const MAX_SECONDS = 86_400;

/** Reads the options of a list or a watch. Throws `BadRequest` for what makes no sense, and `Invalid` for rules. */
export function parseListOptions(query: QueryParameters): ListOptions {
  const watch = isSet(query, 'watch');
  const match = query.get('resourceVersionMatch') ?? '';
  const options: ListOptions = {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    ...given('continue', query.get('continue') || undefined),
    ...given('limit', wholeNumber(query, 'limit') || undefined),
    ...given('timeoutSeconds', bounded(wholeNumber(query, 'timeoutSeconds'))),
    watch,
    allowWatchBookmarks: isSet(query, 'allowWatchBookmarks'),
    sendInitialEvents: isSet(query, 'sendInitialEvents'),
  };
  if (match === 'Exact' || match === 'NotOlderThan') options.resourceVersionMatch = match;
  else if (match !== '')
    throw brokenRule('resourceVersionMatch', `supported values: "Exact", "NotOlderThan"`);
  checkListRules(options, query.get('sendInitialEvents') !== null);
  return options;
}

function checkListRules(options: ListOptions, initialEventsGiven: boolean): void {
  const { watch, resourceVersionMatch, resourceVersion } = options;
  if (initialEventsGiven && !watch)
    throw brokenRule('sendInitialEvents', 'sendInitialEvents is forbidden for list', 'FieldValueForbidden');
  if (watch) {
    if (initialEventsGiven && resourceVersionMatch !== 'NotOlderThan')
      throw brokenRule(
        'resourceVersionMatch',
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        'FieldValueForbidden',
      );
    if (!initialEventsGiven && resourceVersionMatch !== undefined)
      throw brokenRule(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch',
        'FieldValueForbidden',
      );
    return;
  }
  if (resourceVersionMatch === undefined) return;
  if (resourceVersion === '')
    throw brokenRule(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
      'FieldValueForbidden',
    );
  if (options.continue !== undefined)
    throw brokenRule(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden when continue is provided',
      'FieldValueForbidden',
    );
  if (resourceVersionMatch === 'Exact' && resourceVersion === '0')
    throw brokenRule(
      'resourceVersionMatch',
      'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"',
      'FieldValueForbidden',
    );
}

function bounded(seconds: number | undefined): number | undefined {
  return seconds === undefined || seconds === 0 ? undefined : Math.min(seconds, MAX_SECONDS);
}
