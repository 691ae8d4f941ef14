import type { Log } from '../application/ports/log';
import type { CommandMetrics, CommandResult } from '../application/ports/metrics';
import { SagaRefused, SagaUnavailable } from '../application/ports/saga-starter';
import type { SagaStarter } from '../application/ports/saga-starter';
import type { ProcessPaymentCommand } from '../contracts/messages';
import { processPaymentCommandSchema } from '../contracts/schemas/messages';
import { traceIdOf } from '../contracts/trace-id';
import { processPaymentWorkflowId } from '../contracts/workflow-names';

interface Delivery {
  readonly id: string | null;
  readonly content: Buffer;
  readonly redelivered: boolean;
}

/** `ack`: the saga is running or has ended; `reject`: poison; `pause`: Temporal is away. */
type Verdict = 'ack' | 'reject' | 'pause';

export interface CommandHandlerOptions {
  readonly sagas: SagaStarter;
  readonly log: Log;
  readonly metrics: CommandMetrics;
}

const verdicts: Readonly<Record<CommandResult, Verdict>> = {
  started: 'ack',
  already_completed: 'ack',
  rejected: 'reject',
  kept: 'pause',
};

/**
 * Starts the saga that a command asks for. Crash points: before the start (delivered again, nothing
 * happened) and after the start, before the ack (delivered again, the id dedupes).
 */
export function createCommandHandler(options: CommandHandlerOptions) {
  return async (delivery: Delivery): Promise<Verdict> => {
    const startedAt = performance.now();
    const result = await handle(options, delivery);
    const { redelivered } = delivery;
    options.metrics.handled({ result, redelivered, durationMs: performance.now() - startedAt });
    return verdicts[result];
  };
}

async function handle(
  { sagas, log }: CommandHandlerOptions,
  delivery: Delivery,
): Promise<CommandResult> {
  const command = parse(delivery.content);
  if (command === null) {
    // The content stays out of the log: nobody knows what a message of an unknown shape carries.
    log.error({ messageId: delivery.id }, 'command rejected: not of the agreed shape');
    return 'rejected';
  }
  const fields = fieldsOf(command, delivery);
  try {
    const outcome = await sagas.start(sagaStart(command));
    log.info({ ...fields, outcome }, 'command taken');
    return outcome === 'already_completed' ? outcome : 'started';
  } catch (error) {
    if (error instanceof SagaRefused) {
      log.error({ ...fields, cause: String(error.cause) }, 'command rejected: no such saga');
      return 'rejected';
    }
    if (!(error instanceof SagaUnavailable)) throw error;
    log.warn({ ...fields, cause: String(error.cause) }, 'command kept: the saga cannot start');
    return 'kept';
  }
}

function fieldsOf(command: ProcessPaymentCommand, { redelivered }: Delivery) {
  const traceId = traceIdOf(command.traceparent);
  return {
    messageId: command.id,
    paymentId: command.data.payment_id,
    workflowId: processPaymentWorkflowId(command.data.payment_id),
    idempotencyKey: command.data.idempotency_key,
    ...(traceId === null ? {} : { traceId }),
    redelivered,
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
