import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { LogLevel, LogMetadata } from '@temporalio/worker';
import type { Log } from '../../application/ports/log';

export interface TemporalRuntimeOptions {
  /** A port of the loopback on which the SDK serves its metrics; none without it. */
  readonly metricsPort?: number;
}

/**
 * Sets the SDK up once for the process, before anything else of Temporal's: its lines go to our
 * log, and it leaves signals alone, because it would stop workers before their consumers drained.
 * @throws when the port for the metrics is taken
 */
export function installTemporalRuntime(log: Log, options: TemporalRuntimeOptions = {}): void {
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
      ...(options.metricsPort === undefined ? {} : { metrics: exporter(options.metricsPort) }),
    },
  });
}

/** Names as Prometheus wants them: units in seconds and said, counters ending in `_total`. */
function exporter(port: number) {
  return {
    prometheus: {
      bindAddress: `127.0.0.1:${port}`,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
    },
  };
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
      // What the SDK itself calls information is one line for each state of each worker; what a
      // workflow of ours does is written on purpose.
      return isFromWorkflow(fields) ? log.info(fields, message) : log.debug(fields, message);
    case 'DEBUG':
    case 'TRACE':
      return log.debug(fields, message);
  }
}

function isFromWorkflow(fields: LogMetadata): boolean {
  return fields['sdkComponent'] === 'workflow';
}
