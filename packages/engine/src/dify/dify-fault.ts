/** What a Dify server said about something that did not work, by an answer or by an `error` event. */
export class DifyFault extends Error {
  readonly status: number | undefined;
  /** In lower case, such as `not_chat_app`. */
  readonly code: string;
  /** Was the answer something else than Dify's JSON? */
  readonly foreign: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(given: {
    status?: number | undefined;
    code?: string | undefined;
    message?: string | undefined;
    foreign?: boolean;
    retryAfterMs?: number | undefined;
  }) {
    super(given.message ?? '');
    this.name = 'DifyFault';
    this.status = given.status;
    this.code = (given.code ?? '').toLowerCase();
    this.foreign = given.foreign ?? false;
    this.retryAfterMs = given.retryAfterMs;
  }
}

/** The stream ended, or held something else than Dify's events, before the run was over. */
export class DifyStreamBroken extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DifyStreamBroken';
  }
}

/** Not a byte came for longer than the pings of a server that lives allow. */
export class DifySilent extends Error {
  readonly seconds: number;

  constructor(milliseconds: number) {
    super(`no byte came for ${milliseconds} ms`);
    this.name = 'DifySilent';
    this.seconds = Math.round(milliseconds / 1000);
  }
}
