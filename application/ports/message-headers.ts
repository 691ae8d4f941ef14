import type { FeatureFlags } from '../../contracts/flags';
import { relayHeaders } from './outbox-store';

/** The headers of every message about the payment, whichever way it is published. */
export function messageHeaders(payment: {
  readonly traceparent: string | null;
  readonly flags: FeatureFlags;
}): Record<string, string> {
  return {
    ...(payment.traceparent === null ? {} : { traceparent: payment.traceparent }),
    // Without the retry logic the relay gives a message one attempt before it is dead.
    ...(payment.flags.retryLogic ? {} : { [relayHeaders.maxAttempts]: '1' }),
  };
}
