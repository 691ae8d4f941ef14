import type { Log } from '../../application/ports/log';
import type { DatabaseAddress } from '../../application/ports/server-address';
import type { OutboxSignal } from '../../application/ports/outbox-signal';
import { outboxChannel } from '../../contracts/topology';
import { OutboxConnection } from './outbox-connection';

export interface PostgresOutboxSignal extends OutboxSignal {
  close(): Promise<void>;
}

/** NOTIFY inside each business transaction was measured to halve commits; one per 10 ms costs none. */
const coalesceMs = 10;

/**
 * Wakes the relay by NOTIFY, at most every 10 ms, on a connection of its own. Call it after the
 * commit. A signal that cannot be sent is dropped: the relay polls as well.
 */
export function createOutboxSignal(
  options: DatabaseAddress & { readonly log: Log },
): PostgresOutboxSignal {
  const connection = new OutboxConnection({
    ...options,
    applicationName: 'paysaga-outbox-signal',
    queryTimeoutMs: 2_000,
  });
  const sender = new CoalescedSender(async () => {
    await connection
      .query('SELECT pg_notify($1, $2)', [outboxChannel, ''])
      .catch((error: Error) => {
        options.log.debug({ reason: error.message }, 'outbox signal not sent; the relay will poll');
      });
  });
  return {
    notify: () => sender.request(),
    async close() {
      await sender.finish();
      await connection.close();
    },
  };
}

/** The first signal goes out at once; those of the next 10 ms share a second one. */
class CoalescedSender {
  private running: Promise<void> | undefined;
  private again = false;

  constructor(private readonly send: () => Promise<void>) {}

  request(): void {
    if (this.running) this.again = true;
    else this.running = this.run();
  }

  async finish(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    do {
      this.again = false;
      await this.send();
      await new Promise((resolve) => setTimeout(resolve, coalesceMs));
    } while (this.again);
    this.running = undefined;
  }
}
