import type { Log } from '../application/ports/log';
import { SagaUnavailable } from '../application/ports/saga-starter';
import type { SagaStarter } from '../application/ports/saga-starter';
import type { ProcessPaymentCommand } from '../contracts/messages';
import { processPaymentCommandSchema } from '../contracts/schemas/messages';

interface Delivery {
  readonly id: string | null;
  readonly content: Buffer;
  readonly redelivered: boolean;
}

/** `ack`: the saga is running or has ended; `reject`: poison; `pause`: Temporal is away. */
type Verdict = 'ack' | 'reject' | 'pause';

/**
 * Starts the saga that a command asks for. Crash points: before the start (delivered again, nothing
 * happened) and after the start, before the ack (delivered again, the id dedupes).
 */
export function createCommandHandler({
  sagas,
  log,
}: {
  readonly sagas: SagaStarter;
  readonly log: Log;
}) {
  return async (delivery: Delivery): Promise<Verdict> => {
    const command = parse(delivery.content);
    if (command === null) {
      // The content stays out of the log: nobody knows what a message of an unknown shape carries.
      log.error({ messageId: delivery.id }, 'command rejected: not of the agreed shape');
      return 'reject';
    }
    const fields = {
      messageId: command.id,
      paymentId: command.data.payment_id,
      idempotencyKey: command.data.idempotency_key,
      redelivered: delivery.redelivered,
    };
    try {
      const outcome = await sagas.start(sagaStart(command));
      log.info({ ...fields, outcome }, 'command taken');
      return 'ack';
    } catch (error) {
      if (!(error instanceof SagaUnavailable)) throw error;
      log.warn({ ...fields, cause: String(error.cause) }, 'command kept: the saga cannot start');
      return 'pause';
    }
  };
}

function parse(content: Buffer): ProcessPaymentCommand | null {
  try {
    const result = processPaymentCommandSchema.safeParse(JSON.parse(content.toString('utf8')));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}

function sagaStart({ data }: ProcessPaymentCommand) {
  return {
    paymentId: data.payment_id,
    merchantId: data.merchant_id,
    amountMinor: data.amount,
    currency: data.currency,
    flags: data.flags,
  };
}
