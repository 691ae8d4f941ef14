import type { FeatureFlags } from '../contracts/flags';
import type { PaymentRequest } from '../contracts/payment-request';
import { isDecided, paymentEventTypes } from '../domain/payment-states';
import { paymentAnswer } from './answers';
import { dispatchPayment, startSaga } from './dispatch-payment';
import type { DispatchDeps } from './dispatch-payment';
import { bodySha256, decideRepeated, keyInProgress } from './idempotency';
import { acceptanceMessages, acceptedEventData, newPayment } from './new-payment';
import type { OutcomeWaiter } from './outcome-waiter';
import { DependencyUnavailable } from './ports/availability';
import type { IdempotencyCache } from './ports/idempotency-cache';
import type { Answer, IdempotencyScope, IdempotencyStore } from './ports/idempotency-store';
import type { Acceptance } from './ports/payment-intake';
import type { PaymentReader, PaymentRecord } from './ports/payment-reader';
import type { Clock, IdSource } from './ports/system';

export interface AcceptPaymentDeps extends DispatchDeps {
  readonly flags: FeatureFlags;
  readonly keys: IdempotencyStore;
  readonly cache: IdempotencyCache;
  readonly payments: PaymentReader;
  readonly waiter: OutcomeWaiter;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly waitCapMs: number;
  readonly lockMs: number;
}

export interface AcceptPaymentCommand {
  readonly scope: IdempotencyScope;
  readonly request: PaymentRequest;
  /** Seconds of `Prefer: wait`; null when the caller did not ask. */
  readonly waitSeconds: number | null;
  readonly traceparent: string | null;
}

export interface AcceptPaymentResult {
  readonly answer: Answer;
  /** Whether the answer is that of an earlier request with the same key. */
  readonly replayed: boolean;
}

export type AcceptPayment = (command: AcceptPaymentCommand) => Promise<AcceptPaymentResult>;

/** One request on its way: what was asked, and how long its caller may wait. */
interface Call extends AcceptPaymentCommand {
  readonly sha256: string;
  readonly waitMs: number;
  /** What `Preference-Applied` says; null when no preference was stated. */
  readonly grantedSeconds: number | null;
  readonly startedAt: number;
}

/**
 * Accepts a payment once for each idempotency key. The statement that stores the payment stores
 * the key and its answer too, so a crash before the commit leaves nothing and a crash after it
 * leaves an answer to repeat.
 * @throws RequestRefused when the key was used for another body, or its first request still waits
 * @throws DependencyUnavailable when the database gives no answer; safe to repeat
 */
export function createAcceptPayment(deps: AcceptPaymentDeps): AcceptPayment {
  return async (command) => {
    const call = plan(deps, command);
    const cached = await deps.cache.get(call.scope);
    if (cached !== null) return repeated(deps, call, { ...cached, ...finalKey });
    const acceptance = prepare(deps, call);
    if (await deps.intake.accept(acceptance)) return accepted(deps, call, acceptance);
    const stored = await deps.keys.read(call.scope);
    // The key was there a moment ago: only housekeeping removes one, and then a repeat succeeds.
    if (stored === null) throw new DependencyUnavailable('the idempotency key');
    return repeated(deps, call, stored);
  };
}

const finalKey = { paymentId: null, lock: { kind: 'final' } } as const;

function plan(deps: AcceptPaymentDeps, command: AcceptPaymentCommand): Call {
  const capSeconds = Math.floor(deps.waitCapMs / 1_000);
  const granted = command.waitSeconds === null ? null : Math.min(command.waitSeconds, capSeconds);
  // Without asynchronous commands the answer is the outcome, whether or not a wait was asked for.
  const defaultWaitMs = deps.flags.asyncCommands ? 0 : deps.waitCapMs;
  return {
    ...command,
    sha256: bodySha256(command.request),
    grantedSeconds: granted,
    waitMs: granted === null ? defaultWaitMs : granted * 1_000,
    startedAt: performance.now(),
  };
}

function prepare(deps: AcceptPaymentDeps, call: Call): Acceptance & { messages: Messages } {
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

type Messages = ReturnType<typeof acceptanceMessages>;

async function accepted(
  deps: AcceptPaymentDeps,
  call: Call,
  acceptance: Acceptance & { messages: Messages },
): Promise<AcceptPaymentResult> {
  const { payment, messages, idempotency } = acceptance;
  const started = await dispatchPayment(deps, { payment, messages });
  if (call.waitMs > 0) return conclude(deps, call, { payment, started });
  remember(deps, call, idempotency.answer);
  return { answer: idempotency.answer, replayed: false };
}

/** Waits for the outcome, and makes the answer final before it is sent. */
async function conclude(
  deps: AcceptPaymentDeps,
  call: Call,
  { payment, started }: { readonly payment: PaymentRecord; readonly started: boolean },
): Promise<AcceptPaymentResult> {
  const limitMs = call.waitMs - (performance.now() - call.startedAt);
  if (started && !isDecided(payment.status))
    await deps.waiter.wait({ paymentId: payment.id, limitMs });
  const of = { merchantId: payment.merchantId, paymentId: payment.id };
  const answer = paymentAnswer((await deps.payments.find(of)) ?? payment, call.grantedSeconds);
  if (!(await deps.keys.conclude({ scope: call.scope, answer }))) {
    return replayFinal(deps, call, answer);
  }
  remember(deps, call, answer);
  return { answer, replayed: false };
}

/** Another request took the lapsed lock and was first: both send the one stored answer. */
async function replayFinal(
  deps: AcceptPaymentDeps,
  call: Call,
  own: Answer,
): Promise<AcceptPaymentResult> {
  const stored = await deps.keys.read(call.scope);
  return { answer: stored?.answer ?? own, replayed: true };
}

async function repeated(
  deps: AcceptPaymentDeps,
  call: Call,
  stored: Parameters<typeof decideRepeated>[0],
): Promise<AcceptPaymentResult> {
  const decision = decideRepeated(stored, call.sha256);
  if (decision.kind === 'replay') {
    remember(deps, call, decision.answer);
    return { answer: decision.answer, replayed: true };
  }
  if (!(await deps.keys.relock({ scope: call.scope, lockMs: deps.lockMs }))) {
    return replayOfFaster(deps, call);
  }
  const of = { merchantId: call.scope.merchantId, paymentId: decision.paymentId };
  const payment = await deps.payments.find(of);
  if (payment === null) throw new DependencyUnavailable('the payment of the key');
  // The lost request may have died between its commit and the start.
  const restart = payment.status === 'pending' && !payment.flags.asyncCommands;
  const started = !restart || (await startSaga(deps, payment));
  return conclude(deps, call, { payment, started });
}

/** Since the key was read another request has taken it over, or even made its answer final. */
async function replayOfFaster(deps: AcceptPaymentDeps, call: Call): Promise<AcceptPaymentResult> {
  const stored = await deps.keys.read(call.scope);
  if (stored?.lock.kind !== 'final') throw keyInProgress(deps.lockMs);
  remember(deps, call, stored.answer);
  return { answer: stored.answer, replayed: true };
}

function remember(deps: AcceptPaymentDeps, call: Call, answer: Answer): void {
  void deps.cache.put(call.scope, { bodySha256: call.sha256, answer });
}
