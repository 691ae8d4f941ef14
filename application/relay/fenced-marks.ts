import type { Log } from '../ports/log';
import { LeaseLost } from '../ports/outbox-store';
import type { HeldLease } from './held-lease';
import { delay } from './wake-up';

const retryMs = 200;

/** Commits marks, through outages of the database, for as long as the lease is held. */
export class FencedMarks {
  constructor(
    private readonly held: Pick<HeldLease, 'isHeld' | 'lose'>,
    private readonly log: Log,
  ) {}

  /** False if the lease went before the mark could commit: its successor sends the rows again. */
  async commit(mark: () => Promise<void>): Promise<boolean> {
    while (this.held.isHeld()) {
      try {
        await mark();
        return true;
      } catch (error) {
        if (error instanceof LeaseLost) {
          this.held.lose(error.message);
          return false;
        }
        const reason = error instanceof Error ? error.message : String(error);
        this.log.warn({ reason }, 'outbox not marked; trying again');
        await delay(retryMs);
      }
    }
    return false;
  }
}
