import type { OutboxRow } from '../ports/outbox-store';
import { relayHeaders } from '../ports/outbox-store';
import type { RelaySettings } from './settings';

type AttemptSettings = Pick<RelaySettings, 'maxAttempts' | 'retryInitialMs' | 'retryMaxMs'>;

/**
 * Milliseconds until a refused row is tried again, or null when it is dead. Doubles with each
 * attempt; half of it is random, so that rows refused together do not come back together.
 * @param random at least 0 and below 1
 */
export function retryDelayMs(
  row: Pick<OutboxRow, 'attempts' | 'headers'>,
  settings: AttemptSettings,
  random: number,
): number | null {
  const attempts = row.attempts + 1;
  if (attempts >= attemptLimit(row, settings)) return null;
  const ceiling = Math.min(settings.retryMaxMs, settings.retryInitialMs * 2 ** (attempts - 1));
  return Math.round(ceiling / 2 + (random * ceiling) / 2);
}

function attemptLimit(row: Pick<OutboxRow, 'headers'>, settings: AttemptSettings): number {
  const wanted = Number(row.headers[relayHeaders.maxAttempts]);
  return Number.isInteger(wanted) && wanted >= 1
    ? Math.min(wanted, settings.maxAttempts)
    : settings.maxAttempts;
}
