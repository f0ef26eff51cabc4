import { describeWith, type FakeDify, startFakeDify } from '@wegent/testing';
import { afterAll, expect, test } from 'vitest';
import type { Person } from '../support/person.ts';
import { faultsOf, looksOf, personFor } from './looks.ts';
import { agentScreens } from './screens.ts';
import { useStage } from './stage.ts';

const LOOKS = looksOf([
  { language: 'en', colorScheme: 'light', width: 1440 },
  { language: 'zh', colorScheme: 'dark', width: 1440 },
  { language: 'zh', colorScheme: 'light', width: 390 },
]);
const HEIGHT = 900;
/** Names of objects, fields, programs and protocols stay as they are in every language. */
const NAMES = new RegExp(
  `^(${[
    'panel(-coder|-writer|-guide)?|(Team|Bot|Ghost|Model|Shell) panel.*|public|members\\[\\d\\]\\..*',
    'Chat|Claude ?Code|Agno|Dify|OpenAI|Anthropic|Gemini|OpenAI Chat Completions|Anthropic Messages|YAML|HTTP',
    'opus|ClaudeCode|(panel|panel-coder|Chat|demo|Dify|ClaudeCode)( · .*)?|description|systemPrompt',
    'kind: Team|Team|Bot|Ghost|Model|Shell|app-…|\\d+Gi|\\{"city": "Bonn"\\}|registry\\.example\\.org/.*|pypi\\.org',
  ].join('|')})$`,
);
const WORDS = {
  en: {
    team: 'Panel',
    coder: 'Coder',
    writer: 'Writer',
    guide: 'City guide',
    about: 'Looks at it from all sides.',
  },
  zh: { team: '小组', coder: '程序员', writer: '写手', guide: '城市向导', about: '从多个角度看问题。' },
} as const;

describeWith(['chromium'], 'browser: looks of the agent editor', () => {
  let dify: FakeDify;
  afterAll(() => dify?.[Symbol.asyncDispose]());
  const stage = useStage(async () => {
    dify = await startFakeDify({ mode: 'advanced-chat' });
    return { env: { SIMULATOR_PACE: '0', OUTBOUND_ALLOW: dify.host } };
  });
  const inhabitants = new Map<string, ReturnType<typeof moveIn>>();

  /** Somebody for each language, with an agent of every kind of part. */
  async function moveIn(language: 'en' | 'zh') {
    const { as, person } = await personFor(stage, language);
    await makePanel(person, language);
    return { as, namespace: person.user.namespace };
  }

  async function makePanel({ api, user }: Person, language: 'en' | 'zh') {
    const words = WORDS[language];
    const part = (kind: string, name: string, title: string, spec: object) => ({
      apiVersion: 'agent.wecode.io/v1',
      kind,
      metadata: { name, annotations: { 'agent.wecode.io/display-name': title } },
      spec,
    });
    const bot = (id: 'coder' | 'writer' | 'guide', shell: string, model: string) => [
      part('Ghost', `panel-${id}`, words[id], { systemPrompt: words.about }),
      part('Bot', `panel-${id}`, words[id], {
        ghostRef: { name: `panel-${id}` },
        shellRef: { name: shell },
        modelRef: { name: model },
      }),
    ];
    const { results } = await api.resources.apply(user.namespace, [
      part('Model', 'panel-coder', words.coder, {
        modelConfig: { env: { model: 'claude', model_id: 'opus', api_key: 'a key', base_url: 'simulator:' } },
        pricing: { input: 3, output: 15 },
      }),
      part('Model', 'panel-guide', words.guide, {
        modelConfig: { env: { DIFY_BASE_URL: `${dify.origin}/v1`, DIFY_API_KEY: dify.key } },
      }),
      part('Shell', 'panel-coder', words.coder, {
        shellType: 'ClaudeCode',
        supportModel: ['claude'],
        baseImage: 'registry.example.org/agents:1',
        resources: { memory: '4Gi' },
        network: 'allowlist',
        egress: ['pypi.org'],
      }),
      ...bot('coder', 'panel-coder', 'panel-coder'),
      ...bot('writer', 'Chat', 'demo'),
      ...bot('guide', 'Dify', 'panel-guide'),
      part('Team', 'panel', words.team, {
        description: words.about,
        collaborationModel: 'coordinate',
        quickPrompts: [words.about],
        members: [
          { botRef: { name: 'panel-coder' } },
          { botRef: { name: 'panel-writer' }, role: 'leader' },
          { botRef: { name: 'panel-guide' } },
        ],
      }),
    ]);
    expect(results.filter(({ operation }) => operation === 'failed')).toEqual([]);
  }
  const inhabitantOf = (language: 'en' | 'zh') => {
    const inhabitant = inhabitants.get(language) ?? moveIn(language);
    inhabitants.set(language, inhabitant);
    return inhabitant;
  };

  test.each(LOOKS)('every screen in $language, $colorScheme, $width px wide', async (look) => {
    const { language, colorScheme, width } = look;
    const { as, namespace } = await inhabitantOf(language);
    const faults: string[] = [];
    const { app, tolerate } = await stage.person({
      as,
      language,
      colorScheme,
      viewport: { width, height: HEIGHT },
      hasTouch: width < 640,
    });
    tolerate(/status of 404/);
    for (const screen of agentScreens({ namespace, name: 'panel' })) {
      await screen.open(app);
      faults.push(...(await faultsOf({ name: screen.name, app, look, names: NAMES })));
    }
    expect(faults).toEqual([]);
  });
});
