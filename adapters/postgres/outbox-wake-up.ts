import type { Log } from '../../application/ports/log';
import type { DatabaseAddress } from '../../application/ports/server-address';
import type { OutboxWakeUp } from '../../application/ports/outbox-store';
import { outboxChannel } from '../../contracts/topology';
import { OutboxConnection } from './outbox-connection';

export interface PostgresOutboxWakeUp extends OutboxWakeUp {
  isUp(): boolean;
  close(): Promise<void>;
}

export interface OutboxWakeUpOptions extends DatabaseAddress {
  readonly log: Log;
  readonly reconnectMs?: number;
}

/** Hears NOTIFY on a dedicated connection; a pooler in transaction mode would lose it. */
export function createOutboxWakeUp(options: OutboxWakeUpOptions): PostgresOutboxWakeUp {
  const { reconnectMs = 1_000, log } = options;
  let onSignal: () => void = () => undefined;
  const state = { up: false, closed: false, connecting: false };
  const connection = new OutboxConnection({
    ...options,
    applicationName: 'paysaga-relay-listen',
    async onConnect(client) {
      client.on('notification', () => onSignal());
      await client.query(`LISTEN ${outboxChannel}`);
      state.up = true;
      // What was signalled while nobody listened is found by looking.
      onSignal();
    },
    onLost() {
      state.up = false;
      void stayConnected();
    },
  });

  async function stayConnected(): Promise<void> {
    // One loop at a time: each loss would else add another to those that still try.
    if (state.connecting) return;
    state.connecting = true;
    while (!state.closed && !state.up) {
      await connection.connected().catch((error: Error) => {
        log.debug({ reason: error.message }, 'cannot listen yet; the relay polls');
      });
      if (!state.up && !state.closed)
        await new Promise((resolve) => setTimeout(resolve, reconnectMs));
    }
    state.connecting = false;
  }

  return {
    listen(callback) {
      onSignal = callback;
      void stayConnected();
    },
    isUp: () => state.up,
    async close() {
      state.closed = true;
      await connection.close();
    },
  };
}
