import type { Clock } from '../../application/ports/system';

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };
