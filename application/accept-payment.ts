import type { FeatureFlags } from '../contracts/flags';
import type { PaymentRequest } from '../contracts/payment-request';
import { isDecided, paymentEventTypes } from '../domain/payment-states';
import { paymentAnswer } from './answers';
import { dispatchPayment, startSaga } from './dispatch-payment';
import type { DispatchDeps } from './dispatch-payment';
import { RequestRefused } from './errors';
import { takeOnce } from './keyed-request';
import type {
  KeyedCall,
  KeyedCommand,
  KeyedOperation,
  KeyedRequestDeps,
  KeyedResult,
  Written,
} from './keyed-request';
import { acceptanceMessages, acceptedEventData, newPayment } from './new-payment';
import { DependencyUnavailable } from './ports/availability';
import type { Answer } from './ports/idempotency-store';
import type { Acceptance } from './ports/payment-intake';
import type { PaymentReader } from './ports/payment-reader';
import type { Clock, IdSource } from './ports/system';

export interface AcceptPaymentDeps extends DispatchDeps, KeyedRequestDeps {
  readonly flags: FeatureFlags;
  readonly payments: PaymentReader;
  readonly clock: Clock;
  readonly ids: IdSource;
}

export type AcceptPaymentCommand = KeyedCommand<PaymentRequest>;

export type AcceptPaymentResult = KeyedResult;

export type AcceptPayment = (command: AcceptPaymentCommand) => Promise<AcceptPaymentResult>;

type Call = KeyedCall<PaymentRequest>;

interface Accepted extends Written {
  readonly acceptance: Acceptance;
  readonly messages: ReturnType<typeof acceptanceMessages>;
}

/**
 * Accepts a payment once for each idempotency key.
 * @throws RequestRefused when the key was used for another body, its first request still waits, or
 * the reference has a live payment
 * @throws DependencyUnavailable when the database gives no answer; safe to repeat
 */
export function createAcceptPayment(deps: AcceptPaymentDeps): AcceptPayment {
  const operation: KeyedOperation<PaymentRequest, Accepted> = {
    // Without asynchronous commands the answer is the outcome, whether or not a wait was asked for.
    defaultWaitMs: deps.flags.asyncCommands ? 0 : deps.waitCapMs,
    write: (call) => write(deps, call),
    start: ({ acceptance: { payment }, messages }) => dispatchPayment(deps, { payment, messages }),
    restart: (paymentId) => restart(deps, paymentId),
    present: (paymentId, call) => present(deps, paymentId, call),
  };
  return (command) => takeOnce(deps, command, operation);
}

async function write(deps: AcceptPaymentDeps, call: Call): Promise<Accepted | null> {
  const { messages, ...acceptance } = prepare(deps, call);
  const outcome = await deps.intake.accept(acceptance);
  if (outcome.kind === 'reference_taken') {
    throw new RequestRefused('reference_in_use', {
      detail: `The payment ${outcome.paymentId} is live for this reference.`,
    });
  }
  if (outcome.kind === 'key_taken') return null;
  const { payment, idempotency } = acceptance;
  return { subjectId: payment.id, answer: idempotency.answer, acceptance, messages };
}

function prepare(deps: AcceptPaymentDeps, call: Call) {
  const payment = newPayment({
    merchantId: call.scope.merchantId,
    request: call.request,
    flags: deps.flags,
    traceparent: call.traceparent,
    now: deps.clock.now(),
    ids: deps.ids,
  });
  const eventId = deps.ids.uuid();
  const messages = acceptanceMessages({
    payment,
    eventId,
    commandId: deps.ids.uuid(),
    idempotencyKey: call.scope.key,
  });
  return {
    payment,
    messages,
    event: { id: eventId, type: paymentEventTypes.pending, data: acceptedEventData(payment) },
    outbox: deps.flags.outboxPattern ? messages : [],
    idempotency: {
      scope: call.scope,
      bodySha256: call.sha256,
      answer: paymentAnswer(payment, call.waitMs > 0 ? null : call.grantedSeconds),
      lockMs: call.waitMs > 0 ? deps.lockMs : null,
    },
  };
}

async function restart(deps: AcceptPaymentDeps, paymentId: string): Promise<boolean> {
  const payment = await deps.payments.findById(paymentId);
  if (payment === null) throw new DependencyUnavailable('the payment of the key');
  if (isDecided(payment.status)) return false;
  const isUnstarted = payment.status === 'pending' && !payment.flags.asyncCommands;
  return !isUnstarted || startSaga(deps, payment);
}

async function present(deps: AcceptPaymentDeps, paymentId: string, call: Call): Promise<Answer> {
  const payment = await deps.payments.findById(paymentId);
  if (payment === null) throw new DependencyUnavailable('the payment that was just accepted');
  return paymentAnswer(payment, call.grantedSeconds);
}
