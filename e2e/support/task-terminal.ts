import { randomBytes } from 'node:crypto';
import type { Terminal } from '@wegent/api';
import type { Person } from './person.ts';

/** Types a command into a terminal of its own in the sandbox of a task, and gives what it showed. */
export async function runInTerminal({
  person: { api },
  taskId,
  command,
}: {
  person: Person;
  taskId: string;
  command: string;
}): Promise<string> {
  const base = `/api/v1/tasks/${taskId}/terminals`;
  const { terminalId } = await api.http.request<Terminal>('POST', base, { body: { cols: 500, rows: 50 } });
  const place = `${base}/${terminalId}`;
  try {
    const output = await api.http.send('GET', `${place}/output`);
    // The marks are put together by the shell, so that what is typed does not look like them.
    const mark = randomBytes(6).toString('hex');
    const encoded = Buffer.from(command).toString('base64');
    const line = `A=${mark}; echo "begin-$A"; echo ${encoded} | base64 -d | bash 2>&1; echo "end-$A"\n`;
    await sendInput(api, place, line);
    return await readBetween(output, `begin-${mark}`, `end-${mark}`);
  } finally {
    await api.http.request('DELETE', place);
  }
}

async function sendInput(api: Person['api'], place: string, text: string): Promise<void> {
  await api.http.send('POST', `${place}/input`, {
    body: new Blob([text], { type: 'application/octet-stream' }),
  });
}

async function readBetween(response: Response, begin: string, end: string): Promise<string> {
  if (!response.body) throw new Error('the terminal shows nothing');
  let shown = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    shown += decoder.decode(chunk, { stream: true });
    const from = shown.indexOf(begin);
    const to = shown.indexOf(end, from);
    if (from >= 0 && to >= 0)
      return shown
        .slice(from + begin.length, to)
        .replaceAll('\r', '')
        .trim();
  }
  throw new Error(`the terminal ended:\n${shown}`);
}
