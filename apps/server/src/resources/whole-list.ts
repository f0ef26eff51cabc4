import type { ResourceList } from '@wegent/api';
import type { ResourceService } from './resource.service.ts';

type Query = Parameters<ResourceService['list']>[0];

/**
 * A selection in one list, however many pages it has. Most client libraries ask for no limit and never look whether
 * there is more. Beyond `maxPages` the list says where it goes on.
 */
export async function wholeList(
  resources: Pick<ResourceService, 'list'>,
  query: Query,
  maxPages = Number.POSITIVE_INFINITY,
): Promise<ResourceList> {
  let page = await resources.list(query);
  const items = [...page.items];
  for (let pages = 1; page.metadata.continue !== undefined && pages < maxPages; pages++) {
    page = await resources.list({ ...query, continue: page.metadata.continue });
    items.push(...page.items);
  }
  return { ...page, items };
}
