import { pino, stdTimeFunctions } from 'pino';
import type { Log } from '../../application/ports/log';
import { scrub } from './scrub';

export interface LoggerOptions {
  /** The process: `api`, `outbox-worker`, `command-worker`. */
  readonly service: string;
  readonly level: string;
  /** Where lines go; standard output when absent. */
  readonly write?: (line: string) => void;
}

/** One JSON object a line, without secrets and card numbers, times in UTC. */
export function createLogger({ service, level, write = toStandardOutput }: LoggerOptions): Log {
  return pino(
    {
      base: { service, pid: process.pid },
      level,
      timestamp: stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    { write: (line: string) => write(scrub(line)) },
  );
}

function toStandardOutput(line: string): void {
  process.stdout.write(line);
}

/** An error's text and causes; whatever else hangs on it (requests, headers, rows) stays out. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
