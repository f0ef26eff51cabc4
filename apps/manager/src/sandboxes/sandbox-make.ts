import type { SpecShell } from '@wegent/api';
import { z } from 'zod';

const Make = z.object({
  image: z.string().optional(),
  limits: z.object({
    cpu: z.number().optional(),
    memory: z.string().optional(),
    pids: z.number().optional(),
    disk: z.string().optional(),
  }),
});

/** What sets sandboxes apart, as a comparable text: image and limits of a Shell, or of one that names none. */
export function madeFor(shell: Pick<SpecShell, 'baseImage' | 'resources'> | undefined): string {
  const { cpu, memory, pids, disk } = shell?.resources ?? {};
  return JSON.stringify({ image: shell?.baseImage, limits: { cpu, memory, pids, disk } });
}

/** Image and limits of such a text. */
export function parseMade(made: string) {
  const { image, limits } = Make.parse(JSON.parse(made));
  return { ...(image === undefined ? {} : { image }), limits };
}
