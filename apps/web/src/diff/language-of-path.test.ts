import { expect, test } from 'vitest';
import { languageOfPath } from './language-of-path.ts';

test.each([
  ['src/a.ts', 'typescript'],
  ['Dockerfile', 'docker'],
  ['include/x.hpp', 'cpp'],
  ['main.go', 'go'],
  ['README', ''],
  ['constructor', ''],
  ['x.__proto__', ''],
])('%s is %s', (path, language) => {
  expect(languageOfPath(path)).toBe(language);
});
