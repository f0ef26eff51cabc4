import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { z } from 'zod';
import { type CodingTask, toolsOf } from './coding.ts';

const Output = z.object({ stdout: z.string() });

/** The message that makes the agent run a script with its Bash tool; the script may hold anything. */
export function bashCall(script: string): string {
  const name = `/tmp/script-${randomUUID()}`;
  const encoded = Buffer.from(script).toString('base64');
  const command = `echo ${encoded} | base64 -d > ${name}; bash ${name} 2>&1; rm -f ${name}`;
  return `[[tool Bash ${JSON.stringify({ command, timeout: 100_000 })}]]`;
}

/** Runs a script in the sandbox of a task as its agent does, and gives what it printed. */
export async function runAsAgent(task: CodingTask, script: string): Promise<string> {
  await task.send(bashCall(script));
  const answer = await task.answered();
  expect(answer.status, JSON.stringify(answer.error)).toBe('completed');
  return outputOf(answer);
}

/** The same for a program of Node.js, which prints JSON of this shape. */
export async function nodeAsAgent<Schema extends z.ZodType>(
  task: CodingTask,
  program: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  return schema.parse(JSON.parse(await runAsAgent(task, nodeCommand(program))));
}

/** A line for a shell in a sandbox that runs a program of Node.js. */
export function nodeCommand(program: string): string {
  const encoded = Buffer.from(program).toString('base64');
  return `echo ${encoded} | base64 -d | "$(command -v node || echo /opt/node/bin/node)" --input-type=module -`;
}

/** What the last Bash call of an answer printed. */
export function outputOf(answer: Parameters<typeof toolsOf>[0]): string {
  const bash = toolsOf(answer).findLast(({ tool }) => tool === 'Bash');
  const output = Output.safeParse(bash?.output);
  if (!output.success) throw new Error(`the command gave ${JSON.stringify(bash?.output)}`);
  return output.data.stdout;
}
