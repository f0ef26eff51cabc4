import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '@wegent/api';

/** A request as a route sees it. */
export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  /** Parts of the path that the route left open, decoded; a `*` takes all that is left. */
  params: readonly string[];
  query: URLSearchParams;
  /** Aborts when whoever asked is gone. */
  signal: AbortSignal;
}

/** One route: `GET /v1/turns/:/events`, with what answers it. */
export type Route = [method: string, path: string, answer: (call: Call) => Promise<void> | void];

/** Finds the route of a request and lets it answer. Rejects with NotFound or MethodNotAllowed where there is none. */
export function createRouter(routes: readonly Route[]) {
  const compiled = routes.map(([method, path, answer]) => ({ method, pattern: patternOf(path), answer }));
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = request.url ?? '/';
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    const here = compiled.flatMap((route) => {
      const match = route.pattern.exec(path);
      return match ? [{ ...route, params: match.slice(1) }] : [];
    });
    if (here.length === 0) throw new ApiError('NotFound', `there is no ${path.slice(0, 200)} here`);
    const route = here.find(({ method }) => method === request.method);
    if (!route) {
      throw new ApiError(
        'MethodNotAllowed',
        `${path.slice(0, 200)} takes ${here.map(({ method }) => method).join(', ')}`,
      );
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await route.answer({
      request,
      response,
      params: route.params.map(decode),
      query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
      signal: gone.signal,
    });
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(':', '([^/]+)').replace('*', '(.+)')}$`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new ApiError('BadRequest', 'the path has an escape that is no UTF-8', { cause });
  }
}
