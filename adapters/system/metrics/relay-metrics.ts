import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { RelayMetrics } from '../../../application/ports/metrics';
import type { RelayStatus } from '../../../application/ports/relay-control';
import { processPaymentCommandType } from '../../../contracts/messages';
import { exchanges } from '../../../contracts/topology';
import { paymentEventTypes } from '../../../domain/payment-states';
import { startAtZero } from './start-at-zero';

// A lone payment takes 2 to 8 ms; a backlog after an outage of the broker takes minutes.
const waitSeconds = [
  0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900,
];

const messageTypes = [processPaymentCommandType, ...Object.values(paymentEventTypes)].map(
  (type) => ({ type }),
);

/**
 * @param status asked at each scrape: the window belongs to the relay and is not counted twice
 */
export function createRelayMetrics(registry: Registry, status: () => RelayStatus): RelayMetrics {
  const registers = [registry];
  const byType = (name: string, help: string) => {
    const counter = new Counter({ name, help, labelNames: ['type'], registers });
    startAtZero(counter, messageTypes);
    return counter;
  };
  const published = byType('paysaga_outbox_published_total', 'Messages the broker confirmed');
  const refused = byType('paysaga_outbox_refused_total', 'Refusals by the broker, tried again');
  const dead = byType('paysaga_outbox_dead_total', 'Outbox rows given up after the last attempt');
  const interrupted = new Counter({
    name: 'paysaga_outbox_interruptions_total',
    help: 'Times the relay paused because the broker was away or blocked',
    registers,
  });
  const returned = new Counter({
    name: 'paysaga_outbox_returned_total',
    help: 'Messages given back by the broker because no queue takes them',
    labelNames: ['exchange'],
    registers,
  });
  startAtZero(
    returned,
    Object.values(exchanges).map((exchange) => ({ exchange })),
  );
  const waits = new Histogram({
    name: 'paysaga_outbox_commit_to_confirm_seconds',
    help: 'Time from writing an outbox row to the confirm of the broker',
    buckets: waitSeconds,
    registers,
  });
  addStatusGauges(registers, status);
  return {
    confirmed: ({ type, waitMs }) => {
      published.inc({ type });
      waits.observe(waitMs / 1_000);
    },
    refused: (type) => refused.inc({ type }),
    dead: (type) => dead.inc({ type }),
    returned: (exchange) => returned.inc({ exchange }),
    interrupted: () => interrupted.inc(),
  };
}

function addStatusGauges(registers: Registry[], status: () => RelayStatus): void {
  const gauge = (name: string, help: string, read: (now: RelayStatus) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(status()));
      },
    });
  gauge('paysaga_relay_window_used', 'Messages sent and not yet confirmed', (now) => now.windowUse);
  gauge('paysaga_relay_window_size', 'Messages that may be unconfirmed', (now) => now.window);
  gauge('paysaga_relay_active', '1 while this process relays, 0 while it stands by', (now) =>
    now.state === 'relaying' ? 1 : 0,
  );
}
