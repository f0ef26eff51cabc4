/** Words of the agents page. */
export const agents = {
  title: 'Agents',
  subtitle: 'Pick who answers. Each agent is one or more bots that work together.',
  search: 'Search agents',
  loading: 'agents',
  startChat: 'Start chat',
  startChatWith: 'Start chat with {{name}}',
  members_one: '{{count}} member',
  members_other: '{{count}} members',
  shared: 'Shared with everyone',
  notReady: 'Not ready',
  empty: 'No agents yet',
  emptyBody: 'Agents that you or an administrator add appear here.',
  noMatch: 'No agent matches “{{query}}”.',
  mode: {
    solo: 'Solo',
    pipeline: 'Pipeline',
    route: 'Route',
    coordinate: 'Coordinate',
    collaborate: 'Collaborate',
  },
};
