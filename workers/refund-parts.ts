import { createPendingRefunds } from '../adapters/postgres/pending-refunds';
import { createRefundStarter } from '../adapters/temporal/refund-starter';
import type { SagaStarterOptions } from '../adapters/temporal/saga-starter';
import { createRefundLeftovers, deliverRefund } from '../application/deliver-refund';
import type { Log } from '../application/ports/log';
import { refundCommandType } from '../contracts/messages';
import type { PrismaClient } from '../generated/prisma/client';
import type { CommandHandlers } from './process-command';

/** What starts the sagas of refunds: their command, and the sweeper where it was lost. */
export function refundParts(given: {
  readonly prisma: PrismaClient;
  readonly starter: SagaStarterOptions;
  readonly log: Log;
}) {
  const delivery = {
    pendingRefunds: createPendingRefunds(given.prisma),
    refundStarter: createRefundStarter(given.starter),
    log: given.log,
  };
  const handlers: CommandHandlers = {
    [refundCommandType]: async ({ data }) => {
      const outcome = await deliverRefund(delivery, data.refund_id);
      return outcome === 'started_or_running' ? 'started' : 'already_completed';
    },
  };
  return { handlers, leftovers: createRefundLeftovers(delivery) };
}
