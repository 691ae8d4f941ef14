import { ApplicationFailure } from '@temporalio/common';
import { ProviderError } from '../application/ports/payment-provider';
import type { ProviderErrorKind } from '../application/ports/payment-provider';
import { SagaUnavailable } from '../application/ports/saga-starter';
import { StoreRefused, StoreUnavailable } from '../application/ports/saga-store';
import { faultTypes } from '../contracts/saga';
import type { FaultType } from '../contracts/saga';
import { DomainError } from '../domain/errors';

/**
 * Whether the money still goes forward, is brought back, or its last word is written down. An undo
 * and a parking wait longer: giving up there costs an operator's time. An announcement is never
 * given up: its status is committed, and a final failure would undo what the row says was done.
 */
export type Phase = 'forward' | 'undo' | 'record' | 'park' | 'announce';

/** A fault that an activity found by itself; `ActivityFault` is what activities throw on purpose. */
export class ActivityFault extends Error {
  override readonly name = 'ActivityFault';

  constructor(
    readonly type: FaultType,
    message: string,
  ) {
    super(message);
  }
}

interface Judgement {
  readonly type: FaultType;
  readonly retry: boolean;
  readonly retryAfterMs?: number | null;
}

const finalForward: readonly ProviderErrorKind[] = ['not_found', 'unauthorized', 'invalid_request'];
// A key that was rotated away can be put back within the undo's budget; the other two stay.
const finalUndo: readonly ProviderErrorKind[] = ['not_found', 'invalid_request'];
const finalFaults: readonly FaultType[] = [
  faultTypes.refundFailed,
  faultTypes.intentOpen,
  faultTypes.illegalTransition,
  faultTypes.paymentNotFound,
  faultTypes.refundNotFound,
  faultTypes.providerRejected,
];

/**
 * The only judge of retry or final. Whatever it does not know is retried: within a budget, that is
 * the harmless mistake.
 */
export function toFailure(error: unknown, phase: Phase): ApplicationFailure {
  const { type, retry, retryAfterMs } = judge(error, phase);
  return ApplicationFailure.create({
    // Adapters build their messages from codes, so that no card or customer data gets into a history.
    message: error instanceof Error ? error.message : 'unknown fault',
    type,
    // The code alone tells a merchant "amount_too_small" from "no such payment method".
    ...(error instanceof ProviderError && error.code !== null ? { details: [error.code] } : {}),
    nonRetryable: !retry && phase !== 'announce',
    ...(retryAfterMs ? { nextRetryDelay: retryAfterMs } : {}),
  });
}

function judge(error: unknown, phase: Phase): Judgement {
  if (error instanceof ProviderError) return judgeProvider(error, phase);
  if (error instanceof StoreRefused) {
    // What is known about money in doubt is never dropped: parking waits for the trigger to go.
    return { type: faultTypes.storeRefused, retry: phase === 'park' };
  }
  if (error instanceof StoreUnavailable) return { type: faultTypes.storeUnavailable, retry: true };
  if (error instanceof SagaUnavailable) return { type: faultTypes.sagaUnavailable, retry: true };
  if (error instanceof DomainError) return { type: faultTypes.illegalTransition, retry: false };
  if (error instanceof ActivityFault) {
    return { type: error.type, retry: !finalFaults.includes(error.type) };
  }
  return { type: faultTypes.unexpected, retry: true };
}

function judgeProvider(error: ProviderError, phase: Phase): Judgement {
  const final = phase === 'undo' ? finalUndo : finalForward;
  return final.includes(error.kind)
    ? { type: faultTypes.providerRejected, retry: false }
    : { type: faultTypes.providerUnavailable, retry: true, retryAfterMs: error.retryAfterMs };
}
