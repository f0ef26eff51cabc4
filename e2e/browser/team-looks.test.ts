import { describeWith, type FakeDify, startFakeDify, waitFor } from '@wegent/testing';
import { afterAll, expect, test } from 'vitest';
import { type HeldModel, startHeldModel } from '../support/held-model.ts';
import type { Person } from '../support/person.ts';
import { faultsOf, looksOf, personFor } from './looks.ts';
import { useStage } from './stage.ts';
import { createTeamPage, makeApplication, makeTeams, TEAMS } from './team-stage.ts';

const LOOKS = looksOf([
  { language: 'en', colorScheme: 'light', width: 1440 },
  { language: 'zh', colorScheme: 'dark', width: 390 },
]);
const HEIGHT = 900;
/** Names of members and parts, and what the model and the application say, stay as they are. */
const NAMES =
  /^…?(ann|ben|cleo|dora|held|mute|Chat|Fake|LLM|(relay|desk|crew|panel|trip|shut)(-\w+)?|(default|mei)\/\w+|Look, \w+\.)( ·)?$|was here|^member ?"|formal|plain|^Dify /;

const WORDS = {
  en: {
    relay: 'Write the announcement of our garden party',
    crew: 'How do we get forty people across the river?',
    panel: 'Which colour should the new shed have?',
    trip: 'Where shall I go at the weekend?',
    names: { relay: 'Write and check', crew: 'Planners', panel: 'Panel', trip: 'Trips' },
    about: 'Looks at a question from several sides and answers with what all of them agree on.',
    labels: ['City', 'Tone', 'Days', 'Be polite', 'What you like', 'Photo'],
    hint: 'Where you live',
  },
  zh: {
    relay: '写一份花园聚会的通知',
    crew: '四十个人怎么过河？',
    panel: '新的小屋应该刷成什么颜色？',
    trip: '周末去哪里？',
    names: { relay: '撰写与校对', crew: '计划小组', panel: '讨论小组', trip: '出行' },
    about: '从多个角度看待问题，并给出大家都同意的回答。',
    labels: ['城市', '语气', '天数', '礼貌一些', '您的喜好', '照片'],
    hint: '您居住的地方',
  },
} as const;

describeWith(['chromium'], 'browser: looks of teams', () => {
  let model: HeldModel;
  let dify: FakeDify;
  afterAll(async () => {
    await model?.[Symbol.asyncDispose]();
    await dify?.[Symbol.asyncDispose]();
  });
  const stage = useStage(async () => {
    [model, dify] = await Promise.all([startHeldModel(), startFakeDify({ mode: 'workflow' })]);
    return { env: { OUTBOUND_ALLOW: `127.0.0.1:${model.port},${dify.host}` } };
  });
  const inhabitants = new Map<string, ReturnType<typeof moveIn>>();

  /** Somebody for each language, with a turn of each mode at a moment of its own. */
  async function moveIn(language: 'en' | 'zh') {
    const { as, person } = await personFor(stage, language);
    const { names, about, ...messages } = WORDS[language];
    await makeTeams(person, model, [
      { ...TEAMS.relay, displayName: names.relay },
      { ...TEAMS.crew, displayName: names.crew },
      {
        ...TEAMS.panel,
        displayName: names.panel,
        description: about,
        members: [...TEAMS.panel.members, { name: 'dora', mute: true }],
      },
    ]);
    dify.form = formIn(language);
    await makeApplication(person, {
      name: 'trip',
      displayName: names.trip,
      origin: dify.origin,
      key: dify.key,
    });
    model.hold('panel', 'ben');
    const ask = async (team: 'relay' | 'crew' | 'panel') => {
      const { taskId } = await person.api.tasks.create({
        clientMessageId: crypto.randomUUID(),
        team: { name: team, namespace: person.user.namespace },
        message: messages[team],
      });
      return taskId;
    };
    const [panel, relay, crew] = [await ask('panel'), await ask('relay'), await ask('crew')];
    await untilRuns(person, panel, ['running', 'completed', 'failed']);
    await untilRuns(person, relay, ['completed', 'waiting']);
    await untilRuns(person, crew, ['completed', 'completed', 'completed']);
    return { as, namespace: person.user.namespace, panel, relay, crew, messages };
  }

  function inhabitantOf(language: 'en' | 'zh') {
    const inhabitant = inhabitants.get(language) ?? moveIn(language);
    inhabitants.set(language, inhabitant);
    return inhabitant;
  }

  test.each(LOOKS)('every screen in $language, $colorScheme, $width px wide', async (look) => {
    const { language, colorScheme, width } = look;
    const { as, namespace, panel, relay, crew, messages } = await inhabitantOf(language);
    const { app } = await stage.person({
      as,
      language,
      colorScheme,
      viewport: { width, height: HEIGHT },
      hasTouch: width < 640,
    });
    const { page } = app;
    const team = createTeamPage(app);
    const faults: string[] = [];
    const judge = async (name: string) => {
      faults.push(...(await faultsOf({ name: `team-${name}`, app, look, names: NAMES })));
    };

    await app.openTask(panel);
    await team.runs('ben').first().waitFor();
    await team.toggleDrawing();
    await team.drawing.locator('[data-lit=true]').first().waitFor();
    await judge('running');

    await app.openTask(relay);
    await team.gate.waitFor();
    await team.runs('ann').getByTestId('run-transcript').waitFor();
    await judge('gate');

    await app.openTask(crew);
    await team.words.waitFor();
    await judge('done');
    await team.unfold();
    await team.runs('ben').getByRole('button').first().click();
    await team.toggleDrawing();
    await judge('opened');

    for (const name of ['panel', 'relay', 'crew']) {
      await app.goto(`/agents/view?ns=${namespace}&name=${name}`);
      await team.drawing.getByTestId('drawn-member').first().waitFor();
      if (name !== 'crew') await team.drawing.locator('[data-lit=true]').first().waitFor();
      await judge(`agent-${name}`);
    }

    dify.form = formIn(language);
    await app.openNewChat(`${namespace}/trip`);
    await page.getByTestId('input-form').locator('[data-variable=city] input').waitFor();
    await judge('form');
    await app.send(messages.trip);
    await page.getByTestId('input-form').getByRole('alert').first().waitFor();
    await judge('form-faults');
    await page.getByTestId('input-form').locator('[data-variable=city] input').fill('Bonn');
    await app.composer.press('Enter');
    await app.untilSettled();
    await judge('form-sent');
    expect(faults).toEqual([]);
  });
});

function formIn(language: 'en' | 'zh'): Record<string, unknown>[] {
  const { labels, hint } = WORDS[language];
  const [city, tone, days, polite, like, photo] = labels;
  return [
    { paragraph: { variable: 'query', label: 'query', required: true } },
    { 'text-input': { variable: 'city', label: city, required: true, max_length: 40, hint } },
    {
      select: {
        variable: 'tone',
        label: tone,
        required: true,
        options: ['formal', 'plain'],
        default: 'plain',
      },
    },
    { number: { variable: 'days', label: days, required: false } },
    { checkbox: { variable: 'polite', label: polite, required: false } },
    { paragraph: { variable: 'like', label: like, required: false, max_length: 200 } },
    { file: { variable: 'photo', label: photo, required: false } },
  ];
}

async function untilRuns(person: Person, taskId: string, states: readonly string[]): Promise<void> {
  await waitFor(
    async () => {
      const { items } = await person.api.tasks.messages(taskId);
      const runs = items.at(-1)?.runs ?? [];
      return states.every((state) => runs.some((run) => run.state === state));
    },
    { what: `runs that are ${states.join(', ')}`, timeoutMs: 60_000 },
  );
}
