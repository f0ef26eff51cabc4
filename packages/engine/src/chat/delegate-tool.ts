import { jsonSchema, tool } from 'ai';
import { z } from 'zod';
import { createDelegate, DELEGATE_TOOL, delegateSchema } from '../delegation.ts';
import type { Turn } from '../engine.ts';
import type { ChatTools } from './mcp-tools.ts';

const Input = z.object({ member: z.string(), instruction: z.string() });

/** The tools of a run, and `delegate` where it leads a Team. */
export function withDelegation(tools: ChatTools, turn: Turn): ChatTools {
  const { team } = turn.spec;
  const delegate = createDelegate({ turn });
  if (!team || !delegate) return tools;
  const { name, description } = DELEGATE_TOOL;
  return {
    ...tools,
    set: {
      ...tools.set,
      [name]: tool({
        description,
        inputSchema: jsonSchema(delegateSchema(team.members)),
        execute: (input: unknown) => {
          const request = Input.safeParse(input);
          if (!request.success) throw new Error('Wanted are "member" and "instruction", both text.');
          return delegate(request.data);
        },
      }),
    },
    titleOf: (each) => (each === name ? 'Delegate' : tools.titleOf(each)),
    text: [tools.text, name, description].join('\n'),
  };
}
