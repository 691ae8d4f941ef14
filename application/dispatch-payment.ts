import type { Log } from './ports/log';
import type { MessagePublisher } from './ports/message-publisher';
import type { OutboxSignal } from './ports/outbox-signal';
import type { OutboxMessage, PaymentIntake } from './ports/payment-intake';
import type { PaymentRecord } from './ports/payment-reader';
import type { SagaStarter } from './ports/saga-starter';

export interface DispatchDeps {
  readonly intake: PaymentIntake;
  readonly signal: OutboxSignal;
  readonly publisher: MessagePublisher;
  readonly sagas: SagaStarter;
  readonly log: Log;
}

export type SendDeps = Pick<DispatchDeps, 'signal' | 'publisher' | 'log'>;

/** Lets a committed command be heard: by the relay, or straight to the broker without the outbox. */
export async function sendCommand(
  { signal, publisher, log }: SendDeps,
  { payment, message }: { readonly payment: PaymentRecord; readonly message: OutboxMessage },
): Promise<void> {
  if (payment.flags.outboxPattern) return signal.notify();
  const outcome = await publisher.publish(message);
  if (outcome.kind === 'confirmed') return;
  const fields = { payment_id: payment.id, type: message.type, reason: outcome.reason };
  log.warn(fields, 'command not published; the sweeper delivers it later');
}

/**
 * Sets an accepted payment going. The payment is committed, so nothing here may fail the request:
 * what is lost by a crash or an outage at this point is found by the relay or the sweeper.
 * @returns false when nothing works on the payment yet, so that waiting for its outcome is vain
 */
export async function dispatchPayment(
  deps: DispatchDeps,
  accepted: { readonly payment: PaymentRecord; readonly messages: readonly OutboxMessage[] },
): Promise<boolean> {
  if (accepted.payment.flags.outboxPattern) deps.signal.notify();
  else await publishInOrder(deps, accepted);
  return accepted.payment.flags.asyncCommands || startSaga(deps, accepted.payment);
}

/** Starts the saga, or says false; starting one that runs or has ended changes nothing. */
export async function startSaga(
  { sagas, log }: Pick<DispatchDeps, 'sagas' | 'log'>,
  payment: PaymentRecord,
): Promise<boolean> {
  try {
    await sagas.start({
      paymentId: payment.id,
      merchantId: payment.merchantId,
      amountMinor: payment.amountMinor,
      currency: payment.currency,
      flags: payment.flags,
    });
    return true;
  } catch (error) {
    log.warn(
      { payment_id: payment.id, error: String(error) },
      'saga not started; the sweeper starts it later',
    );
    return false;
  }
}

async function publishInOrder(
  { publisher, intake, log }: DispatchDeps,
  { messages, payment }: { messages: readonly OutboxMessage[]; payment: PaymentRecord },
): Promise<void> {
  for (const message of messages) {
    const outcome = await publisher.publish(message);
    if (outcome.kind !== 'confirmed') {
      log.warn(
        { payment_id: payment.id, type: message.type, reason: outcome.reason },
        'message not published, and there is no outbox to repeat it',
      );
    } else if (message.aggregateVersion !== null) {
      await intake.markEventPublished(message.id).catch((error: unknown) => {
        log.warn({ payment_id: payment.id, error: String(error) }, 'publish not noted');
      });
    }
  }
}
