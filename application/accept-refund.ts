import { refundCommand } from '../contracts/messages';
import type { RefundRequest } from '../contracts/payment-request';
import { exchanges, routingKeys } from '../contracts/topology';
import { isPayable } from '../domain/money';
import { allowsRefund, refundableMinor } from '../domain/request-rules';
import { refundAnswer } from './answers';
import { deliverRefund } from './deliver-refund';
import type { DeliverRefundDeps } from './deliver-refund';
import { sendCommand } from './dispatch-payment';
import type { SendDeps } from './dispatch-payment';
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
import { DependencyUnavailable } from './ports/availability';
import { messageHeaders } from './ports/message-headers';
import type { OutboxMessage } from './ports/payment-intake';
import type { PaymentReader, PaymentRecord, RefundRecord } from './ports/payment-reader';
import type { NewRequest, RequestDecision, RequestIntake } from './ports/request-intake';
import type { Clock, IdSource } from './ports/system';

export interface AcceptRefundDeps extends KeyedRequestDeps, DeliverRefundDeps, SendDeps {
  readonly intake: RequestIntake;
  readonly payments: PaymentReader;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Whether a caller who states no preference waits for the outcome. */
  readonly asyncCommands: boolean;
}

export interface RefundCommandInput extends KeyedCommand<RefundRequest> {
  readonly paymentId: string;
}

export type AcceptRefund = (command: RefundCommandInput) => Promise<KeyedResult>;

type Call = KeyedCall<RefundRequest>;
type NewRefund = Extract<NewRequest, { readonly kind: 'refund' }>;

interface Accepted extends Written {
  readonly payment: PaymentRecord;
  readonly command: OutboxMessage;
}

/**
 * Accepts a refund: judged under the payment's lock, where refunds under way count, and stored with
 * its event and the command that starts it. So the sum is never above what was captured, also with
 * many asked for at once, and a refund is accepted while Temporal is away.
 * @throws RequestRefused for what the payment does not allow, and for the key as `takeOnce` does
 * @throws DependencyUnavailable when the database gives no answer; safe to repeat
 */
export function createAcceptRefund(deps: AcceptRefundDeps): AcceptRefund {
  return (command) => takeOnce(deps, command, operationOf(deps, command));
}

function operationOf(
  deps: AcceptRefundDeps,
  command: RefundCommandInput,
): KeyedOperation<RefundRequest, Accepted> {
  return {
    defaultWaitMs: deps.asyncCommands ? 0 : deps.waitCapMs,
    write: (call) => write(deps, command, call),
    start: (accepted) => start(deps, accepted),
    restart: (refundId) => deliver(deps, refundId),
    present: async (refundId, call) => {
      const payment = await deps.payments.findById(command.paymentId);
      const refund = payment?.refunds.find(({ id }) => id === refundId);
      if (refund === undefined) throw new DependencyUnavailable('the refund');
      return refundAnswer(refund, call.grantedSeconds);
    },
  };
}

async function write(
  deps: AcceptRefundDeps,
  { paymentId, request }: RefundCommandInput,
  call: Call,
): Promise<Accepted | null> {
  const made: { accepted: Accepted | null } = { accepted: null };
  const outcome = await deps.intake.accept<RequestRefused>({
    paymentId,
    idempotency: {
      scope: call.scope,
      bodySha256: call.sha256,
      lockMs: call.waitMs > 0 ? deps.lockMs : null,
    },
    decide: (payment) => {
      if (payment === null) return refuse(new RequestRefused('payment_not_found'));
      const amountMinor = judge(payment, request);
      if (amountMinor instanceof RequestRefused) return refuse(amountMinor);
      const granted = grant(deps, call, { payment, amountMinor });
      made.accepted = granted.accepted;
      return granted.decision;
    },
  });
  if (outcome.kind === 'refused') throw outcome.refusal;
  return outcome.kind === 'key_taken' ? null : made.accepted;
}

function refuse(refusal: RequestRefused): RequestDecision<RequestRefused> {
  return { kind: 'refused', refusal };
}

/** The amount to refund, or why none is. */
function judge(payment: PaymentRecord, request: RefundRequest): number | RequestRefused {
  const { status, currency } = payment;
  if (!allowsRefund(status)) {
    const detail = `The payment is ${status}: there is nothing to refund.`;
    return new RequestRefused('payment_state_conflict', { detail });
  }
  const available = refundableMinor(payment);
  const left = `${available} of ${currency} can still be refunded, in minor units.`;
  const expected = request.refund_amount_available;
  if (expected !== null && expected !== available) {
    return new RequestRefused('precondition_failed', { detail: left });
  }
  const amountMinor = request.amount ?? available;
  if (amountMinor > available || available === 0) {
    return new RequestRefused('amount_not_available', { detail: left });
  }
  if (isPayable(amountMinor, currency)) return amountMinor;
  const detail = `An amount in ${currency} must end in 0.`;
  return new RequestRefused('amount_not_available', { detail });
}

interface Wish {
  readonly payment: PaymentRecord;
  readonly amountMinor: number;
}

function grant(
  deps: AcceptRefundDeps,
  call: Call,
  { payment, amountMinor }: Wish,
): { accepted: Accepted; decision: RequestDecision<RequestRefused> } {
  const { reason: providerReason, metadata } = call.request;
  const id = `re_${deps.ids.uuid().replaceAll('-', '')}`;
  const request: NewRefund = { kind: 'refund', id, amountMinor, providerReason, metadata };
  const waitedSeconds = call.waitMs > 0 ? null : call.grantedSeconds;
  const askedAt = deps.clock.now();
  const answer = refundAnswer(pendingRefund(payment, request, askedAt), waitedSeconds);
  const command = commandOf(deps, call, { payment, request });
  const queued = payment.flags.outboxPattern && payment.flags.asyncCommands ? [command] : [];
  return {
    accepted: { subjectId: id, answer, payment, command },
    decision: { kind: 'granted', request, answer, askedAt, outbox: queued },
  };
}

function pendingRefund(
  { id: paymentId, currency }: PaymentRecord,
  { id, amountMinor, providerReason, metadata }: NewRefund,
  askedAt: Date,
): RefundRecord {
  return {
    ...{ id, paymentId, amountMinor, currency, providerReason, metadata },
    status: 'pending',
    reason: 'requested_by_merchant',
    failureCode: null,
    createdAt: askedAt,
    updatedAt: askedAt,
  };
}

function commandOf(
  deps: AcceptRefundDeps,
  call: Call,
  { payment, request }: { readonly payment: PaymentRecord; readonly request: NewRefund },
): OutboxMessage {
  const id = deps.ids.uuid();
  const traceparent = call.traceparent ?? payment.traceparent;
  const command = refundCommand({
    id,
    occurredAt: deps.clock.now(),
    traceparent,
    data: { payment_id: payment.id, refund_id: request.id },
  });
  return {
    id,
    type: command.type,
    exchange: exchanges.commands,
    routingKey: routingKeys.processPayment,
    payload: command,
    headers: messageHeaders({ ...payment, traceparent }),
    aggregateVersion: null,
  };
}

async function start(deps: AcceptRefundDeps, accepted: Accepted): Promise<boolean> {
  const { payment, command, subjectId } = accepted;
  if (payment.flags.asyncCommands) {
    await sendCommand(deps, { payment, message: command });
    return true;
  }
  if (payment.flags.outboxPattern) deps.signal.notify();
  return deliver(deps, subjectId);
}

/** The refund is stored: what is lost here is found by the sweeper. */
async function deliver(deps: AcceptRefundDeps, refundId: string): Promise<boolean> {
  try {
    await deliverRefund(deps, refundId);
    return true;
  } catch (error) {
    deps.log.warn({ refundId, error: String(error) }, 'refund not started; the sweeper will');
    return false;
  }
}
