import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { failureCodes, faultTypes } from '../contracts/saga';
import type { PaymentFailure } from '../contracts/saga';

/** The type an activity gave its failure, or null: a timeout or a cancellation has none. */
export function faultTypeOf(error: unknown): string | null {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? (cause.type ?? null) : null;
}

/** Whether no worker took the step in time: it did nothing, and nobody outside failed. */
export function wasNeverStarted(error: unknown): boolean {
  const timeout = error instanceof ActivityFailure ? error.cause : null;
  if (!(timeout instanceof TimeoutFailure)) return false;
  const { timeoutType, cause } = timeout;
  // An attempt that failed before the wait for the next one is the timeout's cause.
  const isOfQueue = timeoutType === 'SCHEDULE_TO_CLOSE' || timeoutType === 'SCHEDULE_TO_START';
  return isOfQueue && cause === undefined;
}

/** The provider's own code in brackets, or nothing where it gave none. */
function providerCodeOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const code = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
}

/** What the merchant is told when the forward step ended without an answer. */
export function failureOf(error: unknown): PaymentFailure {
  switch (faultTypeOf(error)) {
    case faultTypes.providerRejected:
      return failure(
        failureCodes.providerRejected,
        `The payment provider did not accept the request${providerCodeOf(error)}.`,
      );
    case faultTypes.storeRefused:
    case faultTypes.storeUnavailable:
    case faultTypes.storeConflict:
    case faultTypes.illegalTransition:
    case faultTypes.unexpected:
      return failure(failureCodes.processingFailed, 'The payment could not be processed.');
    case null:
    default:
      // A timeout counts as the provider's: every other call inside has a shorter one of its own.
      return failure(
        failureCodes.providerUnavailable,
        'The payment provider did not answer in time.',
      );
  }
}

export const authenticationRequired = failure(
  failureCodes.authenticationRequired,
  'The card issuer asks for an authentication that this payment cannot offer.',
);

export const recordingFailed = failure(
  failureCodes.recordingFailed,
  'The payment was charged but could not be recorded.',
);

export const interrupted = failure(
  failureCodes.interrupted,
  'The payment was interrupted before it ended.',
);

export const authenticationAbandoned = failure(
  failureCodes.authenticationAbandoned,
  'The customer did not finish the authentication in time.',
);

export const confirmationAbandoned = failure(
  failureCodes.confirmationAbandoned,
  'The customer did not confirm the payment in time.',
);

/** A failure of ours: no issuer had a part in it. */
export function failure(code: string, message: string): PaymentFailure {
  return { code, declineCode: null, message };
}
