import { describeWith, type FakeDify, startFakeDify } from '@wegent/testing';
import { afterAll, expect, test } from 'vitest';
import { type HeldModel, startHeldModel } from '../support/held-model.ts';
import { useStage } from './stage.ts';
import { createTeamPage, makeApplication, makeTeams, TEAMS, untilState } from './team-stage.ts';

describeWith(['chromium'], 'browser: teams', () => {
  let model: HeldModel;
  let dify: FakeDify;
  let made: Promise<void> | undefined;
  // Ends after the product, which the stage below ends: the newest hook runs first.
  afterAll(async () => {
    await model?.[Symbol.asyncDispose]();
    await dify?.[Symbol.asyncDispose]();
  });
  const stage = useStage(async () => {
    [model, dify] = await Promise.all([startHeldModel(), startFakeDify({ mode: 'workflow' })]);
    return { env: { OUTBOUND_ALLOW: `127.0.0.1:${model.port},${dify.host}` } };
  });

  async function open(team?: string) {
    const admin = await stage.admin();
    made ??= makeTeams(admin, model, Object.values(TEAMS));
    await made;
    const visitor = await stage.person();
    if (team !== undefined) await visitor.app.openNewChat(`${admin.user.namespace}/${team}`);
    return { ...visitor, namespace: admin.user.namespace };
  }

  /** Lets a Team's answers go on, once one of them has come so far that it waits. */
  const release = async (team: string) => {
    const waits = () => model.calls(team).some(({ held, state }) => held && state === 'open');
    await expect.poll(waits, { timeout: 10_000 }).toBe(true);
    model.release(team);
  };

  test('a pipeline: who is at work, a gate that waits for a person, and the same after a reload', async () => {
    const { app } = await open('relay');
    const { page } = app;
    model.hold('relay', 'ann');
    model.hold('relay', 'ben');
    await app.send('Build a shed.');
    const team = createTeamPage(app);
    await untilState(team.runs('ann'), 'running');
    expect(await team.told()).toEqual(['ann stage running', 'ben stage expected', 'cleo stage expected']);
    await team.runs('ann').getByText('Stage 1 of 3').waitFor();
    // What it writes is told in its line, and not as the answer.
    await team.runs('ann').getByText('ann', { exact: true }).nth(1).waitFor();
    expect(await team.words.count()).toBe(0);
    await team.runs('ann').getByTestId('run-clock').getByText('2 s').waitFor();
    await team.toggleDrawing();
    await expect.poll(team.lit).toEqual(['ann']);

    await release('relay');
    await team.gate.waitFor();
    await untilState(team.runs('ann'), 'completed');
    await page.getByRole('heading', { name: 'Needs you' }).waitFor();
    // Where one reads on when the page is opened anew.
    await page.reload();
    await team.gate.getByText('ann is done. ben begins when you say so.').waitFor();
    // What is to be judged is in sight.
    await team.runs('ann').getByTestId('run-transcript').getByText('ann was here').waitFor();
    expect(await team.runs('ben').getAttribute('data-state')).toBe('expected');
    await team.gate.getByRole('button', { name: 'Go on' }).click();
    await untilState(team.runs('ben'), 'running');
    await expect.poll(() => page.getByTestId('run-news').textContent()).toContain('ben is at work');

    // By keyboard alone: what the first one did.
    await team.runs('ann').getByRole('button').first().focus();
    await page.keyboard.press('Enter');
    await team.runs('ann').getByTestId('run-transcript').getByText('ann was here').waitFor();
    await page.keyboard.press('Enter');
    await team.runs('ann').getByTestId('run-transcript').waitFor({ state: 'detached' });

    await release('relay');
    await app.untilSettled();
    await team.words.getByText('cleo was here').waitFor();
    await team.words.getByText('Answer by cleo').waitFor();
    // The members have folded into one line, so that the answer stands out.
    expect(await team.runs('ann').count()).toBe(0);
    for (const again of [false, true]) {
      if (again) await page.reload();
      await team.unfold();
      expect(await team.told()).toEqual([
        'ann stage completed',
        'ann gate completed',
        'ben stage completed',
        'cleo stage completed',
      ]);
      await team.runs('ben').getByText('12 tokens').waitFor();
      await team.runs('ben').getByRole('button').first().click();
      await team.runs('ben').getByTestId('run-transcript').getByText('ben was here').waitFor();
      await team.runs('ben').getByTestId('run-details').getByText('relay-ben').waitFor();
    }

    // Who ends it at the gate has what there is; the rest is skipped.
    await app.send('Build another one.');
    await team.gate.getByRole('button', { name: 'End here' }).click();
    const ended = await app.settledAnswer(1);
    await ended.getByTestId('team-answer').getByText('ann was here').waitFor();
    await team.unfold();
    expect(await team.told()).toEqual([
      'ann stage completed',
      'ann gate skipped',
      'ben stage skipped',
      'cleo stage skipped',
    ]);
  });

  test('a route: the choice in a line, and the one who was chosen answers', async () => {
    const { app } = await open('desk');
    model.hold('desk', 'ann');
    model.hold('desk', 'ben');
    await app.send('Cross the river.');
    const team = createTeamPage(app);
    await untilState(team.runs('ann', 'choosing'), 'running');
    await release('desk');
    await untilState(team.runs('ben', 'chosen'), 'running');
    await team.runs('ann', 'choosing').getByText('Chose ben').waitFor();
    // What it wrote to choose is no part of the answer.
    expect(await app.answers.last().getByText('"member"').count()).toBe(0);
    await team.toggleDrawing();
    await expect.poll(team.lit).toEqual(['ben']);
    await release('desk');
    await app.untilSettled();
    await team.words.getByText('ben was here').waitFor();
    await team.unfold();
    expect(await team.told()).toEqual(['ann choosing completed', 'ben chosen completed']);
  });

  test('a leader who gives work away: each piece under it, one of them stopped alone', async () => {
    const { app } = await open('crew');
    model.hold('crew', 'ben');
    model.hold('crew', 'cleo');
    await app.send('Cross the river.');
    const team = createTeamPage(app);
    await untilState(team.runs('ben', 'delegated'), 'running');
    await untilState(team.runs('cleo', 'delegated'), 'running');
    await team.runs('cleo').getByRole('button').first().click();
    await team.runs('cleo').getByTestId('run-transcript').getByText('Look, cleo.').waitFor();
    await team.toggleDrawing();
    await expect.poll(async () => (await team.lit()).toSorted()).toEqual(['ann', 'ben', 'cleo']);

    await team.runs('cleo').getByRole('button', { name: 'Stop cleo' }).click();
    await untilState(team.runs('cleo'), 'cancelled');
    expect(await team.runs('ben').getAttribute('data-state')).toBe('running');
    await release('crew');
    await app.untilSettled();
    await team.words.getByText('ann was here').waitFor();
    await team.unfold();
    expect(await team.told()).toEqual([
      'ann leader completed',
      'ben delegated completed',
      'cleo delegated cancelled',
    ]);
  });

  test('a collaboration: all at once, round by round, and it goes on without one who was stopped', async () => {
    const { app } = await open('panel');
    model.hold('panel', 'ben');
    model.hold('panel', 'cleo');
    await app.send('Paint the shed.');
    const team = createTeamPage(app);
    await untilState(team.runs('ben').first(), 'running');
    await untilState(team.runs('cleo').first(), 'running');
    await team.toggleDrawing();
    await expect.poll(async () => (await team.lit()).toSorted()).toEqual(['ben', 'cleo']);
    await team.runs('cleo').getByRole('button', { name: 'Stop cleo' }).click();
    await untilState(team.runs('cleo').first(), 'cancelled');
    await release('panel');
    await app.untilSettled();
    await team.words.getByText('ann was here').waitFor();
    await team.words.getByText('Answer by ann').waitFor();
    await team.unfold();
    expect(await team.told()).toEqual([
      'ben voice completed',
      'cleo voice cancelled',
      'ann summary completed',
    ]);

    // All of them stop with the answer.
    model.hold('panel', 'ben');
    model.hold('panel', 'cleo');
    await app.send('Paint it again.');
    const again = createTeamPage(app, app.answers.nth(1));
    await untilState(again.runs('ben').first(), 'running');
    await untilState(again.runs('cleo').first(), 'running');
    await app.stopButton.click();
    await app.settledAnswer(1);
    expect(await app.answers.nth(1).getAttribute('data-status')).toBe('cancelled');
    await again.unfold();
    await untilState(again.runs('ben').first(), 'cancelled');
    await untilState(again.runs('cleo').first(), 'cancelled');
    model.release('panel');
  });

  test('the page of an agent draws how it works and lights who is at work', async () => {
    const { app, newTab, namespace } = await open('relay');
    model.hold('relay', 'ann');
    const other = await newTab();
    await other.goto('/agents');
    await other.page.getByRole('link', { name: 'relay', exact: true }).click();
    await other.page.waitForURL(new RegExp(`/agents/view\\?ns=${namespace}&name=relay`));
    const there = createTeamPage(other);
    await there.drawing.locator('[data-member=cleo]').waitFor();
    await other.page.getByText('Nobody is at work right now.').waitFor();
    expect(await there.lit()).toEqual([]);
    await app.send('Build a shed.');
    await expect.poll(there.lit, { timeout: 10_000 }).toEqual(['ann']);
    await other.page.getByText('At work now in “Build a shed.”').waitFor();
    await release('relay');
    const here = createTeamPage(app);
    await here.gate.getByRole('button', { name: 'Go on' }).click();
    await app.untilSettled();
    await other.page.getByText('Nobody is at work right now.').waitFor();
    await other.goto('/agents/view?ns=default&name=nobody');
    await other.page.getByRole('heading', { name: 'This agent does not exist' }).waitFor();
  });

  test('what a Dify application asks for is a form, and is kept for the messages that follow', async () => {
    const { app, namespace } = await open();
    const { page } = app;
    dify.form = [
      { paragraph: { variable: 'query', label: 'Question', required: true } },
      { 'text-input': { variable: 'city', label: 'City', required: true, max_length: 8 } },
      {
        select: {
          variable: 'tone',
          label: 'Tone',
          required: true,
          options: ['formal', 'plain'],
          default: 'plain',
        },
      },
      { number: { variable: 'days', label: 'Days', required: false } },
      { checkbox: { variable: 'polite', label: 'Be polite', required: false } },
      { file: { variable: 'photo', label: 'Photo', required: false } },
    ];
    await makeApplication(await stage.admin(), { name: 'trip', origin: dify.origin, key: dify.key });
    await app.openNewChat(`${namespace}/trip`);
    const form = page.getByTestId('input-form');
    const field = (variable: string) => form.locator(`[data-variable=${variable}]`);
    await form.getByText('Fake asks for').waitFor();
    // The message itself is not asked for twice.
    expect(await field('query').count()).toBe(0);
    await app.send('Where shall I go?');
    await field('city').getByRole('alert').getByText('This is needed.').waitFor();
    expect(dify.runs).toEqual([]);
    await form.getByLabel('City').fill('Neustadt an der Aisch');
    await form.getByLabel('Days').fill('many');
    await app.composer.press('Enter');
    await field('city').getByText('At most 8 characters; this has 21.').waitFor();
    await field('days').getByText('Give a number.').waitFor();
    expect(dify.runs).toEqual([]);
    await form.getByLabel('City').fill('Bonn');
    await form.getByLabel('Days').fill('3');
    await form.getByRole('checkbox', { name: 'Be polite' }).check();
    await field('photo')
      .getByTestId('input-file')
      .setInputFiles({
        name: 'rhine.png',
        mimeType: 'image/png',
        buffer: Buffer.from(
          'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
          'base64',
        ),
      });
    await field('photo').getByText('rhine.png').waitFor();
    await app.composer.press('Enter');
    await app.untilSettled();
    expect(dify.runs).toHaveLength(1);
    expect(dify.runs[0]?.inputs).toMatchObject({
      query: 'Where shall I go?',
      city: 'Bonn',
      tone: 'plain',
      days: 3,
      polite: true,
      photo: { type: 'image', transfer_method: 'local_file' },
    });
    expect(dify.runs[0]?.files).toEqual(['rhine.png']);
    await app.questions.first().getByTestId('sent-inputs').getByText('city: Bonn').waitFor();

    // Afterwards it is one line, and everything of it goes along; also when the page is opened anew.
    await page.reload();
    await form.getByText('Filled in: City: Bonn · Tone: plain').waitFor();
    await app.ask('And then?');
    expect(dify.runs[1]?.inputs).toMatchObject({ query: 'And then?', city: 'Bonn', tone: 'plain', days: 3 });
    await form.getByTestId('input-toggle').click();
    await form.getByLabel('City').fill('Ulm');
    await app.ask('And now?');
    expect(dify.runs[2]?.inputs).toMatchObject({ city: 'Ulm', days: 3 });
    await form.getByText('City: Ulm').waitFor();

    // An application that cannot be asked says why, and the way back is a button.
    dify.refusals.push({
      path: /^\/parameters/,
      status: 401,
      body: { code: 'unauthorized', message: 'no' },
      times: 1,
    });
    await makeApplication(await stage.admin(), { name: 'shut', origin: dify.origin, key: dify.key });
    await app.openNewChat(`${namespace}/shut`);
    const problem = page.getByTestId('input-problem');
    await problem.getByText('What the agent asks for could not be read').waitFor();
    await problem.getByRole('button', { name: 'Try again' }).click();
    await form.getByLabel('City').waitFor();
  });
});
