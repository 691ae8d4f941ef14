import { installTemporalRuntime } from '../../adapters/temporal/runtime';
import type { Log } from '../../application/ports/log';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Keeps Temporal's lines out of jest's; once for a test file, before its first worker. */
export function silenceTemporal(): void {
  installTemporalRuntime(silentLog);
}
