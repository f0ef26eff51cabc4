/** Words for what agents do with their tools. */
export const tools = {
  title: {
    read: 'Read {{what}}',
    write: 'Write {{what}}',
    edit: 'Edit {{what}}',
    find: 'Find files {{what}}',
    search: 'Search for {{what}}',
    fetch: 'Fetch {{what}}',
    webSearch: 'Search the web for {{what}}',
    agent: 'Helper: {{what}}',
    skill: 'Skill: {{what}}',
    ask: 'Ask a question',
    plan: 'Propose a plan',
    todo: 'To do',
    nextStage: 'Go on with {{what}}?',
  },
  todo: { pending: 'open', in_progress: 'in progress', completed: 'done' },
  command: {
    silent: 'No output',
    running: 'Running',
    more_one: '{{count}} earlier line',
    more_other: '{{count}} earlier lines',
    less: 'Show the last lines only',
  },
};
