import type { CommandMetrics, RelayMetrics, SagaMetrics } from '../../application/ports/metrics';

export const silentRelayMetrics: RelayMetrics = {
  confirmed: () => undefined,
  refused: () => undefined,
  dead: () => undefined,
  returned: () => undefined,
  interrupted: () => undefined,
};

export const silentSagaMetrics: SagaMetrics = {
  stepEnded: () => undefined,
  paymentEnded: () => undefined,
  compensated: () => undefined,
  refundEnded: () => undefined,
};

export const silentCommandMetrics: CommandMetrics = { handled: () => undefined };
