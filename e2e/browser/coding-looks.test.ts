import { describeWith, waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import { connectGit, makeAgents, openTask } from '../support/coding.ts';
import type { Person } from '../support/person.ts';
import { useCodingStage } from './coding-stage.ts';
import { faultsOf, looksOf, personFor } from './looks.ts';
import { codingScreens } from './screens.ts';

const LOOKS = looksOf([
  { language: 'en', colorScheme: 'light', width: 1440 },
  { language: 'zh', colorScheme: 'dark', width: 390 },
]);
const HEIGHT = 900;
/** Names of files, branches, programs and machines, and commands, stay as they are in every language. */
const NAMES = new RegExp(
  `^(${[
    '\\W*[\\w./-]+\\.(js|md|txt)\\W*|src|greetings|src/greetings|[\\d.]+ [kMG]B',
    '\\W*wegent/.*|main|release|ada/sample|repo',
    'coder|careful|demo-claude|Claude ?Code|Agno|Git|GitHub|npm test -- --all|Alt \\+ [AR]|ID',
    'local|bubblewrap: .*|standalone-.*|127\\.0\\.0\\.1.*|git\\.example\\.org:8443|((default|mei) · )?[\\da-f]{12}',
  ].join('|')})$`,
);

const WORDS = {
  en: {
    task: 'Greet people and count better',
    say: 'Done: people are **greeted**, and the answer is right.',
  },
  zh: { task: '问候大家，并修正答案', say: '完成：已添加**问候**，答案也已修正。' },
} as const;

describeWith(['claude-code', 'bubblewrap', 'chromium'], 'browser: looks of coding tasks', () => {
  const stage = useCodingStage();
  const inhabitants = new Map<string, ReturnType<typeof moveIn>>();

  /** Somebody for each language, with a finished task and one that waits. */
  async function moveIn(language: 'en' | 'zh') {
    const { as, person } = await personFor(stage, language);
    await connectGit(person, stage.git());
    await makeAgents(person);
    const { task, say } = WORDS[language];
    const file = (path: string) => `/workspace/sample/${path}`;
    const call = (tool: string, input: object) => `[[tool ${tool} ${JSON.stringify(input)}]]`;
    const done = await start(person, 'coder', [
      task,
      call('Read', { file_path: file('src/index.js') }),
      call('Edit', { file_path: file('src/index.js'), old_string: 'answer = 41', new_string: 'answer = 42' }),
      call('Write', { file_path: file('src/greetings/hello.js'), content: "export const hello = 'Hi';\n" }),
      call('Bash', { command: 'ls -la src && git status --short' }),
      `[[say ${say}]]`,
    ]);
    await done.answered();
    const waiting = await start(person, 'careful', [task, call('Bash', { command: 'npm test -- --all' })]);
    await waiting.until(({ status }) => status === 'waiting', 'the question for approval');
    return { as, done: done.taskId, waiting: waiting.taskId };
  }

  async function start(person: Person, agent: string, message: string[]) {
    const ack = await person.api.tasks.create({
      clientMessageId: crypto.randomUUID(),
      team: { name: agent, namespace: person.user.namespace },
      type: 'code',
      workspace: { gitUrl: stage.repository().url, branchName: 'release' },
      message: message.join(' '),
    });
    return openTask(person, ack.taskId, ack.executionIds[0] ?? '');
  }
  const inhabitantOf = (language: 'en' | 'zh') => {
    const inhabitant = inhabitants.get(language) ?? moveIn(language);
    inhabitants.set(language, inhabitant);
    return inhabitant;
  };

  test.each(LOOKS)('every screen in $language, $colorScheme, $width px wide', async (look) => {
    const { language, colorScheme, width } = look;
    const { as, ...tasks } = await inhabitantOf(language);
    const faults: string[] = [];
    const { app, tolerate } = await stage.person({
      as,
      language,
      colorScheme,
      viewport: { width, height: HEIGHT },
      hasTouch: width < 640,
    });
    // A work tree that is not there yet cannot be asked about; the browser reports that.
    tolerate(/status of (404|409|503)/);
    for (const screen of codingScreens(tasks)) {
      await screen.open(app);
      await waitFor(async () => (await app.page.locator('.ant-spin-spinning:visible').count()) === 0, {
        what: `the end of loading on ${screen.name}`,
      });
      faults.push(...(await faultsOf({ name: screen.name, app, look, names: NAMES })));
    }
    expect(faults).toEqual([]);
  });
});
