import { expect, test } from 'vitest';
import { checkBranchName } from './git-url.ts';
import { workBranchOf } from './work-branch.ts';

test.each([
  ['Fix the login page!', 'wegent/fix-the-login-page-abc123'],
  ['修复登录', 'wegent/task-abc123'],
  ['../../etc/passwd\n--upload-pack', 'wegent/etc-passwd-upload-pack-abc123'],
  ['Café  au lait', 'wegent/cafe-au-lait-abc123'],
  ['x'.repeat(500), `wegent/${'x'.repeat(40)}-abc123`],
  ['', 'wegent/task-abc123'],
])('%j', (title, branch) => {
  expect(workBranchOf('0190aaaa-bbbb-7ccc-8ddd-eeeeeeabc123', title)).toBe(branch);
  expect(checkBranchName(branch, 'branch')).toBe(branch);
});
