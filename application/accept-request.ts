import { deliverRequestCommand } from '../contracts/messages';
import type { CaptureRequest } from '../contracts/payment-request';
import { exchanges, routingKeys } from '../contracts/topology';
import { isPayable } from '../domain/money';
import { allowsCancel, allowsCapture } from '../domain/request-rules';
import { requestAnswer } from './answers';
import { deliverRequest } from './deliver-request';
import type { DeliverRequestDeps } from './deliver-request';
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
import type { OutboxMessage } from './ports/payment-intake';
import type { PaymentReader, PaymentRecord } from './ports/payment-reader';
import type { NewRequest, RequestDecision, RequestIntake } from './ports/request-intake';
import { messageHeaders } from './ports/message-headers';
import type { Clock, IdSource } from './ports/system';

export interface AcceptRequestDeps extends KeyedRequestDeps, DeliverRequestDeps, SendDeps {
  readonly intake: RequestIntake;
  readonly payments: PaymentReader;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Whether a caller who states no preference waits for the outcome. */
  readonly asyncCommands: boolean;
}

export interface RequestCommand extends KeyedCommand<CaptureRequest | Record<string, never>> {
  readonly paymentId: string;
  readonly kind: 'capture' | 'cancel';
}

export type AcceptRequest = (command: RequestCommand) => Promise<KeyedResult>;

type Call = KeyedCall<RequestCommand['request']>;

interface Accepted extends Written {
  readonly payment: PaymentRecord;
  readonly command: OutboxMessage;
}

/**
 * Accepts a capture or a cancel: stored under the payment's lock with the command that delivers it,
 * so it is accepted while Temporal is away and before the saga has begun. At most one is open; of
 * two at once the second is refused.
 * @throws RequestRefused for a payment that does not allow it, and for the key as `takeOnce` does
 * @throws DependencyUnavailable when the database gives no answer; safe to repeat
 */
export function createAcceptRequest(deps: AcceptRequestDeps): AcceptRequest {
  return (command) => takeOnce(deps, command, operationOf(deps, command));
}

function operationOf(
  deps: AcceptRequestDeps,
  command: RequestCommand,
): KeyedOperation<RequestCommand['request'], Accepted> {
  return {
    defaultWaitMs: deps.asyncCommands ? 0 : deps.waitCapMs,
    write: (call) => write(deps, command, call),
    start: (accepted) => start(deps, accepted),
    restart: (requestId) => deliver(deps, requestId),
    present: async (requestId, call) => {
      const payment = await deps.payments.findById(command.paymentId);
      if (payment === null) throw new DependencyUnavailable('the payment of the request');
      const refusal = await deps.requests.refusalOf(requestId);
      return requestAnswer({ payment, requestId, refusal, waitedSeconds: call.grantedSeconds });
    },
  };
}

async function write(
  deps: AcceptRequestDeps,
  command: RequestCommand,
  call: Call,
): Promise<Accepted | null> {
  const made: { accepted: Accepted | null } = { accepted: null };
  const outcome = await deps.intake.accept<RequestRefused>({
    paymentId: command.paymentId,
    idempotency: {
      scope: call.scope,
      bodySha256: call.sha256,
      lockMs: call.waitMs > 0 ? deps.lockMs : null,
    },
    decide: (payment) => {
      const decision = decide(deps, command, payment);
      if (decision instanceof RequestRefused) return { kind: 'refused', refusal: decision };
      const granted = grant(deps, call, decision);
      made.accepted = granted.accepted;
      return granted.decision;
    },
  });
  if (outcome.kind === 'refused') throw outcome.refusal;
  return outcome.kind === 'key_taken' ? null : made.accepted;
}

interface Wish {
  readonly payment: PaymentRecord;
  readonly request: NewRequest;
}

function decide(
  deps: AcceptRequestDeps,
  { kind, request }: RequestCommand,
  payment: PaymentRecord | null,
): Wish | RequestRefused {
  if (payment === null) return new RequestRefused('payment_not_found');
  if (payment.openRequest !== null) {
    const detail = `The ${payment.openRequest.kind} ${payment.openRequest.id} came first.`;
    return new RequestRefused('request_in_progress', { detail, retryAfterSeconds: 1 });
  }
  const isAllowed = kind === 'capture' ? allowsCapture : allowsCancel;
  if (!isAllowed(payment.status)) {
    const detail = `The payment is ${payment.status}: there is nothing to ${kind}.`;
    return new RequestRefused('payment_state_conflict', { detail });
  }
  const id = `req_${deps.ids.uuid().replaceAll('-', '')}`;
  if (kind === 'cancel') return { payment, request: { kind, id } };
  const wanted = 'amount' in request ? request.amount : null;
  const amountMinor = wanted ?? payment.heldMinor;
  const refusal = refuseAmount(payment, amountMinor);
  return refusal ?? { payment, request: { kind, id, amountMinor } };
}

function refuseAmount(payment: PaymentRecord, amountMinor: number): RequestRefused | null {
  if (amountMinor > payment.heldMinor) {
    const detail = `${payment.heldMinor} of ${payment.currency} is held, in minor units.`;
    return new RequestRefused('amount_not_available', { detail });
  }
  if (isPayable(amountMinor, payment.currency)) return null;
  const detail = `An amount in ${payment.currency} must end in 0.`;
  return new RequestRefused('amount_not_available', { detail });
}

function grant(
  deps: AcceptRequestDeps,
  call: Call,
  { payment, request }: Wish,
): { accepted: Accepted; decision: RequestDecision<RequestRefused> } {
  const askedAt = deps.clock.now();
  const seen: PaymentRecord = {
    ...payment,
    openRequest: {
      id: request.id,
      kind: request.kind === 'capture' ? 'capture' : 'cancel',
      amountMinor: request.kind === 'capture' ? request.amountMinor : null,
      createdAt: askedAt,
    },
  };
  const waitedSeconds = call.waitMs > 0 ? null : call.grantedSeconds;
  const answer = requestAnswer({
    payment: seen,
    requestId: request.id,
    refusal: null,
    waitedSeconds,
  });
  const command = commandOf(deps, call, { payment, request });
  const queued = payment.flags.outboxPattern && payment.flags.asyncCommands ? [command] : [];
  return {
    accepted: { subjectId: request.id, answer, payment, command },
    decision: { kind: 'granted', request, answer, askedAt, outbox: queued },
  };
}

function commandOf(
  deps: AcceptRequestDeps,
  { traceparent }: Call,
  { payment, request }: Wish,
): OutboxMessage {
  const id = deps.ids.uuid();
  const command = deliverRequestCommand({
    id,
    occurredAt: deps.clock.now(),
    traceparent: traceparent ?? payment.traceparent,
    data: { payment_id: payment.id, request_id: request.id },
  });
  return {
    id,
    type: command.type,
    exchange: exchanges.commands,
    routingKey: routingKeys.processPayment,
    payload: command,
    headers: messageHeaders({ ...payment, traceparent: traceparent ?? payment.traceparent }),
    aggregateVersion: null,
  };
}

async function start(deps: AcceptRequestDeps, accepted: Accepted): Promise<boolean> {
  const { payment, command, subjectId } = accepted;
  if (!payment.flags.asyncCommands) return deliver(deps, subjectId);
  await sendCommand(deps, { payment, message: command });
  return true;
}

/** The request is stored: what is lost here is found by the sweeper. */
async function deliver(deps: AcceptRequestDeps, requestId: string): Promise<boolean> {
  try {
    await deliverRequest(deps, requestId);
    return true;
  } catch (error) {
    deps.log.warn({ requestId, error: String(error) }, 'request not delivered; the sweeper will');
    return false;
  }
}
