import { describe, expect, it } from 'vitest';
import { completeYaml, describeYaml } from './complete-yaml.ts';

/** Completes at the bar. */
function complete(text: string) {
  const before = text.slice(0, text.indexOf('|')).split('\n');
  const lines = text.replace('|', '').split('\n');
  const line = before.length - 1;
  const column = before[line]?.length ?? 0;
  const found = completeYaml({ lines, line, column, namesOf: (kind) => [`some-${kind}`] });
  return (
    found && { from: found.from, labels: found.options.map(({ label }) => label), options: found.options }
  );
}

describe('completeYaml', () => {
  it('offers the fields of the kind that are not there yet, with their words', () => {
    const found = complete('kind: Team\nspec:\n  icon: x\n  |\n  members: []');
    expect(found?.from).toBe(2);
    expect(found?.labels).toContain('collaborationModel');
    expect(found?.labels).not.toContain('icon');
    expect(found?.labels).not.toContain('members');
    expect(found?.options.find(({ label }) => label === 'quickPrompts')?.info).toBe(
      'First messages to click on.',
    );
  });

  it.each([
    ['kind: |', ['Team', 'Bot', 'Ghost', 'Model', 'Shell'], 6],
    [
      'kind: Team\nspec:\n  collaborationModel: r|',
      ['solo', 'pipeline', 'route', 'coordinate', 'collaborate'],
      22,
    ],
    ['kind: Team\nspec:\n  members:\n    - role: |', ['leader', 'member'], 12],
    ['kind: Team\nspec:\n  members:\n    - botRef:\n        name: |', ['some-Bot'], 14],
    ['kind: Bot\nspec:\n  modelRef:\n    name: x|', ['some-Model'], 10],
    ['kind: Team\nspec:\n  bind_mode:\n    - |', ['chat', 'code'], 6],
  ])('%j offers %j', (text, labels, from) => {
    expect(complete(text)).toMatchObject({ from, labels });
  });

  it('leaves out what the same item of a list has already', () => {
    const found = complete('kind: Team\nspec:\n  members:\n    - name: a\n      |\n    - prompt: x');
    expect(found?.labels).toEqual(
      expect.arrayContaining(['botRef', 'prompt', 'role', 'requireConfirmation']),
    );
    expect(found?.labels).not.toContain('name');
  });

  it('is silent in comments and where nothing is known', () => {
    expect(complete('# kind: |')).toBeUndefined();
    expect(complete('kind: Team\nspec:\n  icon: |')).toBeUndefined();
  });
});

describe('describeYaml', () => {
  it('says what a field is', () => {
    const lines = 'kind: Ghost\nspec:\n  mcpServers:\n    db:\n      timeout: 5'.split('\n');
    expect(describeYaml(lines, 4, 8)).toMatchObject({
      key: 'timeout',
      from: 6,
      to: 13,
      description: 'Seconds that one call may take; 60 by default.',
    });
    expect(describeYaml(lines, 4, 15)).toBeUndefined();
  });
});
