import type { Log } from '../application/ports/log';
import type { CommandMetrics, CommandResult } from '../application/ports/metrics';
import { SagaRefused, SagaUnavailable } from '../application/ports/saga-starter';
import type { SagaStarter } from '../application/ports/saga-starter';
import { StoreRefused, StoreUnavailable } from '../application/ports/saga-store';
import type { Command, ProcessPaymentCommand } from '../contracts/messages';
import { commandSchema } from '../contracts/schemas/messages';
import { traceIdOf } from '../contracts/trace-id';
import { processPaymentWorkflowId } from '../contracts/workflow-names';

interface Delivery {
  readonly id: string | null;
  readonly content: Buffer;
  readonly redelivered: boolean;
}

/** `ack`: it is in good hands, or done; `reject`: poison; `pause`: what it needs is away. */
type Verdict = 'ack' | 'reject' | 'pause';

/**
 * What is done for each type of command. A handler rejects with SagaUnavailable or StoreUnavailable
 * for an outage, and with SagaRefused or StoreRefused for what can never be done.
 */
export type CommandHandlers = {
  readonly [Type in Command['type']]?: (
    command: Extract<Command, { readonly type: Type }>,
  ) => Promise<Extract<CommandResult, 'started' | 'already_completed' | 'done'>>;
};

export interface CommandHandlerOptions {
  readonly handlers: CommandHandlers;
  readonly log: Log;
  readonly metrics: CommandMetrics;
}

const verdicts: Readonly<Record<CommandResult, Verdict>> = {
  started: 'ack',
  already_completed: 'ack',
  done: 'ack',
  rejected: 'reject',
  kept: 'pause',
};

/**
 * Hands each command to whom it is for. Crash points: before the work (delivered again, nothing
 * happened) and after it, before the ack (delivered again; every handler may be repeated).
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

/** Starts the saga of an accepted payment; the id dedupes. */
export function startsSaga(sagas: SagaStarter) {
  return async ({ data }: ProcessPaymentCommand): Promise<'started' | 'already_completed'> => {
    const outcome = await sagas.start({
      paymentId: data.payment_id,
      merchantId: data.merchant_id,
      amountMinor: data.amount,
      currency: data.currency,
      flags: data.flags,
    });
    return outcome === 'already_completed' ? outcome : 'started';
  };
}

async function handle(
  { handlers, log }: CommandHandlerOptions,
  delivery: Delivery,
): Promise<CommandResult> {
  const command = parse(delivery.content);
  const work = command === null ? undefined : workOf(handlers, command);
  if (command === null || work === undefined) {
    // The content stays out of the log: nobody knows what a message of an unknown shape carries.
    log.error({ messageId: delivery.id }, 'command rejected: not of the agreed shape');
    return 'rejected';
  }
  const fields = fieldsOf(command, delivery);
  try {
    const outcome = await work();
    log.info({ ...fields, outcome }, 'command taken');
    return outcome;
  } catch (error) {
    if (error instanceof SagaRefused || error instanceof StoreRefused) {
      log.error({ ...fields, cause: causeOf(error) }, 'command rejected: it can never be done');
      return 'rejected';
    }
    if (!(error instanceof SagaUnavailable || error instanceof StoreUnavailable)) throw error;
    log.warn({ ...fields, cause: causeOf(error) }, 'command kept: what it needs is away');
    return 'kept';
  }
}

function workOf<Type extends Command['type']>(
  handlers: CommandHandlers,
  command: Extract<Command, { readonly type: Type }>,
): (() => Promise<CommandResult>) | undefined {
  // The handler is found by the command's own type, which the compiler cannot follow.
  const handler = handlers[command.type] as
    ((its: typeof command) => Promise<CommandResult>) | undefined;
  return handler && (() => handler(command));
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function fieldsOf(command: Command, { redelivered }: Delivery) {
  const traceId = traceIdOf(command.traceparent);
  const { data } = command;
  return {
    messageId: command.id,
    type: command.type,
    ...('payment_id' in data
      ? { paymentId: data.payment_id, workflowId: processPaymentWorkflowId(data.payment_id) }
      : {}),
    ...('idempotency_key' in data ? { idempotencyKey: data.idempotency_key } : {}),
    ...('request_id' in data ? { requestId: data.request_id } : {}),
    ...('refund_id' in data ? { refundId: data.refund_id } : {}),
    ...('event_id' in data ? { eventId: data.event_id } : {}),
    ...(traceId === null ? {} : { traceId }),
    redelivered,
  };
}

function parse(content: Buffer): Command | null {
  try {
    const result = commandSchema.safeParse(JSON.parse(content.toString('utf8')));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
