import { setTimeout as delay } from 'node:timers/promises';
import { requestAnswer } from './answers';
import { RequestRefused } from './errors';
import { takeOnce } from './keyed-request';
import type {
  KeyedCall,
  KeyedCommand,
  KeyedRequestDeps,
  KeyedResult,
  Written,
} from './keyed-request';
import { DependencyUnavailable } from './ports/availability';
import type { Answer } from './ports/idempotency-store';
import type { Log } from './ports/log';
import type { PaymentReader, PaymentRecord } from './ports/payment-reader';
import type { RequestIntake } from './ports/request-intake';
import type { SagaNews } from './ports/saga-news';
import type { Clock, IdSource } from './ports/system';

export interface SynchronizeDeps extends KeyedRequestDeps {
  readonly intake: RequestIntake;
  readonly payments: PaymentReader;
  readonly sagaNews: SagaNews;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Log;
}

export interface SynchronizeCommand extends KeyedCommand<Record<string, never>> {
  readonly paymentId: string;
}

export type SynchronizePayment = (command: SynchronizeCommand) => Promise<KeyedResult>;

// The saga's look is one call of the provider; where nothing is new, nothing shows that it looked.
const sagaLookMs = 3_000;
const pollMs = 50;

/**
 * Reads the provider now and applies what it says: by the payment's saga while one waits, else by a
 * workflow of its own. A payment that is pending or processing is being read by its saga already.
 * Answers with the payment as it is after.
 * @throws RequestRefused for a payment that this merchant has not, and for the key as `takeOnce` does
 * @throws DependencyUnavailable when the provider, Temporal or the database is away; a repeat under
 *   the same key waits for the same look
 */
export function createSynchronizePayment(deps: SynchronizeDeps): SynchronizePayment {
  return (command) => {
    const { paymentId } = command;
    const look = { isTaken: false };
    const begin = async (lookId: string) => {
      look.isTaken = await takeLook(deps, { paymentId, lookId });
      // It was waited for: what is left is to answer.
      return false;
    };
    return takeOnce(deps, command, {
      defaultWaitMs: deps.waitCapMs,
      write: (call) => write(deps, paymentId, call),
      start: ({ subjectId }) => begin(subjectId),
      restart: begin,
      present: async (lookId, call) => {
        if (look.isTaken) return answerOf(lookId, await read(deps, paymentId));
        await deps.keys.release(call.scope);
        throw new DependencyUnavailable('the provider, or who asks it,');
      },
    });
  };
}

async function write(
  { intake, ids, clock, lockMs }: SynchronizeDeps,
  paymentId: string,
  { scope, sha256 }: KeyedCall<Record<string, never>>,
): Promise<Written | null> {
  const id = `look_${ids.uuid().replaceAll('-', '')}`;
  const outcome = await intake.accept<RequestRefused>({
    paymentId,
    idempotency: { scope, bodySha256: sha256, lockMs },
    decide: (payment) =>
      payment === null
        ? { kind: 'refused', refusal: new RequestRefused('payment_not_found') }
        : {
            kind: 'granted',
            request: { kind: 'look', id },
            answer: answerOf(id, payment),
            askedAt: clock.now(),
            outbox: [],
          },
  });
  if (outcome.kind === 'refused') throw outcome.refusal;
  return outcome.kind === 'key_taken' ? null : { subjectId: id, answer: outcome.answer };
}

async function takeLook(
  deps: SynchronizeDeps,
  { paymentId, lookId }: { readonly paymentId: string; readonly lookId: string },
): Promise<boolean> {
  const payment = await read(deps, paymentId);
  const { status } = payment;
  if (status === 'pending' || status === 'processing') return true;
  const isWaiting = status === 'requires_action' || status === 'authorized';
  try {
    if (isWaiting && (await deps.sagaNews.tellPayment(paymentId))) {
      await untilChanged(deps, payment);
      return true;
    }
    const fact = { paymentId, cause: `sync:${lookId}`, limitMs: deps.waitCapMs };
    return await deps.sagaNews.factApplied(fact);
  } catch (error) {
    deps.log.warn({ paymentId, error: String(error) }, 'the provider was not asked');
    return false;
  }
}

async function untilChanged(deps: SynchronizeDeps, before: PaymentRecord): Promise<void> {
  const endMs = performance.now() + Math.min(sagaLookMs, deps.waitCapMs);
  while (performance.now() < endMs) {
    if ((await read(deps, before.id)).version !== before.version) return;
    await delay(pollMs);
  }
}

async function read({ payments }: SynchronizeDeps, paymentId: string): Promise<PaymentRecord> {
  const payment = await payments.findById(paymentId);
  if (payment === null) throw new DependencyUnavailable('the payment');
  return payment;
}

function answerOf(lookId: string, payment: PaymentRecord): Answer {
  return requestAnswer({ payment, requestId: lookId, refusal: null, waitedSeconds: null });
}
