import { createHash } from 'node:crypto';
import type { ResolveRequest } from '../contracts/payment-request';
import { auditEntry, noteOutcome, withDetails } from './audited-action';
import type { AuditDeps, AuditedAction } from './audited-action';
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
import { toApiPayment } from './payment-view';
import { DependencyUnavailable } from './ports/availability';
import type { Answer, IdempotencyScope } from './ports/idempotency-store';
import type { OperatorAnswer, OperatorRequests, OperatorWish } from './ports/operator-requests';
import type { PaymentReader, PaymentRecord } from './ports/payment-reader';
import type { RequestIntake } from './ports/request-intake';
import { SagaUnavailable } from './ports/saga-starter';
import type { Clock } from './ports/system';

export interface OperatorActionDeps extends KeyedRequestDeps, AuditDeps {
  readonly intake: RequestIntake;
  readonly payments: PaymentReader;
  readonly operatorRequests: OperatorRequests;
  readonly clock: Clock;
}

export interface OperatorCommand extends KeyedCommand<ResolveRequest | Record<string, never>> {
  readonly paymentId: string;
  /** The id of the key that is used. */
  readonly actor: string;
}

export type OperateOnPayment = (command: OperatorCommand) => Promise<KeyedResult>;

type Request = OperatorCommand['request'];

/**
 * Does what an operator asks of a parked payment: runs its undo again, or ends it as it was settled
 * by hand. The audit trail has it before it is done, in the transaction that takes the key.
 * Crash points: after the commit nothing was asked of anybody, or it was and nobody heard the answer;
 * the repeat asks under the same id, which is taken once.
 * @throws RequestRefused for a payment that is not parked, and for the key as `takeOnce` does
 * @throws SagaUnavailable when Temporal is away; DependencyUnavailable for the database
 */
export function createOperateOnPayment(deps: OperatorActionDeps): OperateOnPayment {
  return (command) => takeOnce(deps, command, new OperatorOperation(deps, command));
}

interface Accepted extends Written {
  readonly payment: PaymentRecord;
}

class OperatorOperation implements KeyedOperation<Request, Accepted> {
  readonly defaultWaitMs: number;
  private answer: OperatorAnswer = { kind: 'working' };

  constructor(
    private readonly deps: OperatorActionDeps,
    private readonly command: OperatorCommand,
  ) {
    this.defaultWaitMs = deps.waitCapMs;
  }

  async write(call: KeyedCall<Request>): Promise<Accepted | null> {
    const { deps, command } = this;
    const { paymentId } = command;
    const made: { accepted: Accepted | null } = { accepted: null };
    const outcome = await deps.intake.accept<RequestRefused>({
      paymentId,
      idempotency: { scope: call.scope, bodySha256: call.sha256, lockMs: deps.lockMs },
      decide: (payment) => {
        if (payment?.status !== 'needs_review') {
          return { kind: 'refused', refusal: refusalOf(payment) };
        }
        const entry = auditEntry(deps, actionOf(command), 'started');
        const answer = answerOf(payment, 202);
        made.accepted = { subjectId: paymentId, answer, payment };
        return {
          kind: 'granted',
          request: { kind: 'operator_action', id: paymentId, entry },
          answer,
          askedAt: deps.clock.now(),
          outbox: [],
        };
      },
    });
    if (outcome.kind === 'refused') throw outcome.refusal;
    return outcome.kind === 'key_taken' ? null : made.accepted;
  }

  async start({ payment }: Accepted): Promise<boolean> {
    await this.submit(payment);
    return false;
  }

  async restart(paymentId: string): Promise<boolean> {
    await this.submit(await this.read(paymentId));
    return false;
  }

  async present(paymentId: string): Promise<Answer> {
    if (this.answer.kind === 'refused') {
      const detail = 'Another request on the parked payment is at work, or has just ended it.';
      throw new RequestRefused('request_in_progress', { detail, retryAfterSeconds: 1 });
    }
    const payment = await this.read(paymentId);
    return answerOf(payment, this.answer.kind === 'working' ? 202 : 200);
  }

  private async submit(payment: PaymentRecord): Promise<void> {
    const { deps, command } = this;
    const { id: paymentId, merchantId, amountMinor, currency, flags, traceparent } = payment;
    const action = actionOf(command);
    try {
      this.answer = await deps.operatorRequests.submit({
        id: requestIdOf(command.scope),
        wish: wishOf(command.request),
        payment: { paymentId, merchantId, amountMinor, currency, flags, traceparent },
        limitMs: deps.waitCapMs,
      });
    } catch (error) {
      if (error instanceof SagaUnavailable) await noteOutcome(deps, action, 'unanswered');
      // The next request with the key need not wait for the lock to lapse.
      await deps.keys.release(command.scope);
      throw error;
    }
    await this.note(action);
  }

  private note(action: AuditedAction): Promise<void> {
    const { deps, answer } = this;
    switch (answer.kind) {
      case 'answered':
        return noteOutcome(deps, withDetails(action, { status: answer.status }), 'done');
      case 'refused':
        return noteOutcome(deps, action, 'refused');
      case 'working':
        return noteOutcome(deps, action, 'unanswered');
      default:
        return answer satisfies never;
    }
  }

  private async read(paymentId: string): Promise<PaymentRecord> {
    const payment = await this.deps.payments.findById(paymentId);
    if (payment === null) throw new DependencyUnavailable('the payment of the request');
    return payment;
  }
}

function refusalOf(payment: PaymentRecord | null): RequestRefused {
  if (payment === null) return new RequestRefused('payment_not_found');
  const detail = `The payment is ${payment.status}: it waits for no operator.`;
  return new RequestRefused('payment_state_conflict', { detail });
}

function actionOf({ scope, actor, paymentId, request }: OperatorCommand): AuditedAction {
  const wish = wishOf(request);
  return {
    merchantId: scope.merchantId,
    actor,
    action: wish.kind,
    paymentId,
    details: wish.kind === 'resolve' ? { reason: wish.reason, provider_ref: wish.providerRef } : {},
  };
}

function wishOf(request: Request): OperatorWish {
  if (!('reason' in request)) return { kind: 'retry_compensation' };
  return { kind: 'resolve', reason: request.reason, providerRef: request.provider_ref };
}

/** One id for each key, without the key itself: Temporal's histories are read by more people. */
function requestIdOf({ merchantId, method, path, key }: IdempotencyScope): string {
  const text = JSON.stringify([merchantId, method, path, key]);
  return `operator-${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
}

function answerOf(payment: PaymentRecord, statusCode: 200 | 202): Answer {
  return {
    statusCode,
    headers: {
      Location: `/v1/payments/${payment.id}`,
      ...(statusCode === 202 ? { 'Retry-After': '1' } : {}),
    },
    body: JSON.stringify(toApiPayment(payment)),
  };
}
