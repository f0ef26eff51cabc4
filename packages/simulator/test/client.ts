import { isRecord, type Json, parseJson } from '../src/json.ts';
import { createSimulator, type RunningSimulator, type SimulatorOptions } from '../src/server.ts';

/** A simulator for one test; without delay unless asked. */
export function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  return createSimulator({ pace: 0, ...options }).listen();
}

/** Posts a JSON body. */
export function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify(body), ...init });
}

/** The answer's JSON object. */
export async function json(response: Promise<Response>): Promise<Json> {
  const value: unknown = await (await response).json();
  return isRecord(value) ? value : {};
}

/** One parsed server-sent event. */
export interface ServerEvent {
  event: string | undefined;
  data: Json;
}

/** All events of a stream; `[DONE]` reads as `{ done: true }`, broken JSON as `{ broken: … }`. */
export async function events(response: Promise<Response>): Promise<ServerEvent[]> {
  return readEvents(await (await response).text());
}

/** Splits the text of a stream into events. */
export function readEvents(source: string): ServerEvent[] {
  return source
    .split('\n\n')
    .filter(Boolean)
    .map((block) => {
      const lines = block.split('\n');
      const field = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field('data') ?? '';
      const value = data === '[DONE]' ? { done: true } : parseJson(data);
      return { event: field('event'), data: isRecord(value) ? value : { broken: data } };
    });
}

/** The values without those equal to the one before: the order of a stream's phases. */
export function phases<T>(values: T[]): T[] {
  return values.filter((value, index) => value !== values[index - 1]);
}

/** What arrived of a stream before the connection broke. */
export async function readUntilCut(response: Response): Promise<{ text: string; broken: boolean }> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
    return { text, broken: false };
  } catch {
    return { text, broken: true };
  }
}
