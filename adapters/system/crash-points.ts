import { crashPointNames } from '../../application/ports/crash-points';
import type { CrashPointName, CrashPoints } from '../../application/ports/crash-points';

/**
 * Kills the process at the named step; without a name it never does.
 * @throws when there is no step of that name, because a kill that never comes proves nothing
 */
export function createCrashPoints(armed: string | undefined): CrashPoints {
  if (armed === undefined) return { reach: () => undefined };
  const names: readonly string[] = crashPointNames;
  if (!names.includes(armed)) {
    throw new Error(`CRASH_POINT must be one of ${names.join(', ')}`);
  }
  return { reach: (name) => killAt(armed, name) };
}

function killAt(armed: string, name: CrashPointName): void {
  // SIGKILL and not exit(): no handler, no flush and no drain may run, as in a power cut.
  if (name === armed) process.kill(process.pid, 'SIGKILL');
}
