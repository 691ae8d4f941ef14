import { pino, stdTimeFunctions } from 'pino';
import type * as PinoPretty from 'pino-pretty';
import type { Log } from '../../application/ports/log';
import { scrub } from './scrub';

export interface LoggerOptions {
  /** The process: `api`, `outbox-worker`, `command-worker`. */
  readonly service: string;
  readonly level: string;
  /** For a reader at a terminal: coloured lines instead of JSON, where pino-pretty is installed. */
  readonly pretty?: boolean;
  /** Where lines go; standard output when absent. */
  readonly write?: (line: string) => void;
}

/** One JSON object a line, without secrets and card numbers, times in UTC. */
export function createLogger({
  service,
  level,
  pretty = false,
  write = toStandardOutput,
}: LoggerOptions): Log {
  const shape = pretty ? prettifier() : (line: string) => line;
  return pino(
    {
      base: { service, pid: process.pid },
      level,
      timestamp: stdTimeFunctions.isoTime,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    // Shaped last: what is scrubbed cannot come back by being made pretty.
    { write: (line: string) => write(shape(scrub(line))) },
  );
}

/** Whether a person reads the standard output. */
export function isTerminal(): boolean {
  return process.stdout.isTTY;
}

function prettifier(): (line: string) => string {
  try {
    // Required and not imported: a production install does not have it.
    const { prettyFactory }: typeof PinoPretty = require('pino-pretty');
    const options = { messageKey: 'message', ignore: 'pid', singleLine: true } as const;
    return prettyFactory({ ...options, colorize: isTerminal() });
  } catch {
    return (line) => line;
  }
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
