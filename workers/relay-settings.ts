import type { RelaySettings } from '../application/relay/settings';
import type { OutboxWorkerConfig } from '../config';
import { processPaymentCommandType } from '../contracts/messages';

/** The relay's settings: what operators may turn, and what was measured and stays. */
export function relaySettings(config: OutboxWorkerConfig): RelaySettings {
  return {
    shard: config.RELAY_SHARD,
    window: config.RELAY_WINDOW,
    batch: config.RELAY_BATCH,
    pollMs: config.RELAY_POLL_MS,
    // Marks stopped improving past 1,000 rows; 5 ms keeps a lone payment's mark prompt.
    markEveryMs: 5,
    markBatch: 1_000,
    // `attempts >= 5` is what operators are told to look for.
    maxAttempts: 5,
    retryInitialMs: config.RELAY_RETRY_INITIAL_MS,
    retryMaxMs: config.RELAY_RETRY_MAX_MS,
    leaseMs: config.RELAY_LEASE_MS,
    // Two renewals may fail before the lease is gone.
    renewEveryMs: config.RELAY_LEASE_MS / 3,
    stopGraceMs: config.SHUTDOWN_GRACE_MS / 2,
    // A payment whose command died is picked up by the sweeper, and its events must not wait.
    skipDeadTypes: [processPaymentCommandType],
  };
}
