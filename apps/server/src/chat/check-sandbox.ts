import { ApiError } from '@wegent/api';
import { runsInSandbox } from '../executions/sandbox-shells.ts';
import type { ChosenWorkspace } from '../workspaces/workspace.service.ts';
import type { PreparedTurn } from './turn.ts';

/** A workspace is of no use to a Team whose agents run in no sandbox: Invalid, saying so. */
export function checkSandbox(workspace: ChosenWorkspace, turn: PreparedTurn): void {
  if (workspace.object === undefined && workspace.repository === undefined) return;
  if (turn.runs.length === 0 || turn.runs.some(({ shellType }) => runsInSandbox(shellType))) return;
  const shells = [...new Set(turn.runs.map(({ shellType }) => shellType))].join(', ');
  const message = `Team "${turn.team.metadata.name}" works in no sandbox (its Shell is of type ${shells}), so it cannot work on a repository. Choose a Team whose Shell is of type ClaudeCode or Agno.`;
  throw new ApiError('Invalid', `workspace: ${message}`, {
    details: { causes: [{ reason: 'FieldValueNotSupported', field: 'workspace', message }] },
  });
}
