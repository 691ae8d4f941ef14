import type { Registry } from 'prom-client';
import { addStateGauges } from './state-gauges';

/** What the latest completed run came to. */
interface Reading {
  readonly completedAtSeconds: number;
  readonly drifts: readonly {
    readonly type: string;
    readonly state: string;
    readonly count: number;
  }[];
}

/** Shows the latest reconciliation, asked for at each scrape: it outlives the process that ran it. */
export function addReconciliationGauges(registry: Registry, read: () => Promise<Reading>): void {
  addStateGauges(registry, {
    gauges: {
      paysaga_reconciliation_completed_timestamp_seconds:
        'When the latest reconciliation was completed; 0 while none was',
    },
    labelNames: [],
    read: async () => ({
      paysaga_reconciliation_completed_timestamp_seconds: [
        { labels: {}, value: (await read()).completedAtSeconds },
      ],
    }),
  });
  addStateGauges(registry, {
    gauges: { paysaga_reconciliation_drifts: 'Drifts that the latest reconciliation found' },
    labelNames: ['type', 'state'],
    read: async () => ({
      paysaga_reconciliation_drifts: (await read()).drifts.map(({ type, state, count }) => ({
        labels: { type, state },
        value: count,
      })),
    }),
  });
}
