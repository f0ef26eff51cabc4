/** Writes lines for operators; they end in the log of the sandbox. */
export interface Logger {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** One JSON object a line. */
export function createLogger(write: (line: string) => void): Logger {
  const log = (level: string) => (fields: Record<string, unknown>, message: string) => {
    const { err, ...rest } = fields;
    const error =
      err instanceof Error
        ? { err: err.stack ?? err.message }
        : err === undefined
          ? {}
          : { err: String(err) };
    write(
      `${JSON.stringify({ level, time: new Date().toISOString(), name: 'executor', ...rest, ...error, message })}\n`,
    );
  };
  return { info: log('info'), warn: log('warn'), error: log('error') };
}
