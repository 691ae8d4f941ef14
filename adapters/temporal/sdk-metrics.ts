import { createServer } from 'node:net';
import type { Log } from '../../application/ports/log';
import { installTemporalRuntime } from './runtime';

/** The SDK's metrics as Prometheus text; null while they cannot be had. */
export type SdkMetrics = () => Promise<string | null>;

const portAttempts = 5;
const readTimeoutMs = 1_000;

/**
 * Installs the SDK's runtime with its own metrics: end-to-end times of workflows, latencies of
 * tasks, failures of activities. The SDK serves them itself and takes no other way out; it gets a
 * free port of the loopback, which is nobody's business: `/metrics` of the process shows them too.
 * A process without them works as well, so failing to get a port is a line in the log.
 */
export async function installMeasuredTemporalRuntime(log: Log): Promise<SdkMetrics> {
  for (let attempt = 1; attempt <= portAttempts; attempt += 1) {
    const port = await freeLoopbackPort();
    try {
      installTemporalRuntime(log, { metricsPort: port });
      return () => read(port);
    } catch (error) {
      // Another process took the port in between; the SDK cannot be handed a bound one.
      log.debug({ error: String(error), attempt }, 'no port for the metrics of the SDK');
    }
  }
  installTemporalRuntime(log);
  log.warn({}, 'the metrics of the Temporal SDK are off: no free port was found');
  return async () => null;
}

async function read(port: number): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(readTimeoutMs);
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

function freeLoopbackPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
