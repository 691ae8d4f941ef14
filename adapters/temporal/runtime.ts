import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { LogLevel, LogMetadata } from '@temporalio/worker';
import type { Log } from '../../application/ports/log';

/**
 * Sets the SDK up once for the process, before anything else of Temporal's: its lines go to our
 * log, and it leaves signals alone, because it would stop workers before their consumers drained.
 */
export function installTemporalRuntime(log: Log): void {
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log: (level, message, fields) => write(log, { level, message, fields }),
      trace: (message, fields) => write(log, { level: 'TRACE', message, fields }),
      debug: (message, fields) => write(log, { level: 'DEBUG', message, fields }),
      info: (message, fields) => write(log, { level: 'INFO', message, fields }),
      warn: (message, fields) => write(log, { level: 'WARN', message, fields }),
      error: (message, fields) => write(log, { level: 'ERROR', message, fields }),
    },
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN' }) },
    },
  });
}

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: LogMetadata | undefined;
}

function write(log: Log, { level, message, fields = {} }: Line): void {
  switch (level) {
    case 'ERROR':
      return log.error(fields, message);
    case 'WARN':
      return log.warn(fields, message);
    case 'INFO':
    case 'DEBUG':
    case 'TRACE':
      // What the SDK calls information is one line for each state of each worker.
      return log.debug(fields, message);
  }
}
