import { ProviderError } from '../application/ports/payment-provider';
import type { ProviderOperation, ProviderRequest } from '../application/ports/saga-store';
import type { Answered } from '../contracts/provider-answers';
import type { ActivityDependencies } from './dependencies';

// The provider keeps keys for at least 24 h; an hour is left for the call itself and for clocks.
export const keyLifeMs = 23 * 3_600_000;

/** Whether the provider may have forgotten the key: sending it again could then act twice. */
export function isForgotten(request: Pick<ProviderRequest, 'ageMs'>): boolean {
  return request.ageMs > keyLifeMs;
}

/**
 * Whether the key can never again lead to an execution: its failure is stored, or its parameters
 * are others. The request that made it so has ended, so a read now shows whether it did anything.
 */
export function isSpent(error: unknown): error is ProviderError {
  return (
    error instanceof ProviderError &&
    (error.kind === 'replayed_failure' || error.kind === 'key_conflict')
  );
}

/**
 * Stores the same parameters under the next number. Of two attempts that renew at once, both get
 * the one that was stored: the number is the compare-and-set.
 */
export function renewRequest<O extends ProviderOperation>(
  deps: Pick<ActivityDependencies, 'store'>,
  paymentId: string,
  spent: ProviderRequest<O>,
): Promise<ProviderRequest<O>> {
  return deps.store.addRequest({
    paymentId,
    operation: spent.operation,
    attemptNumber: spent.attemptNumber + 1,
    params: spent.params,
  });
}

/** The result, with the provider's id of the request that led to it: what its support asks for. */
export function answeredBy<Result extends object>(
  result: Result,
  { operation, attemptNumber }: Pick<ProviderRequest, 'operation' | 'attemptNumber'>,
  { requestId }: { readonly requestId: string | null },
): Result & Answered {
  if (requestId === null) return result;
  return { ...result, answers: [{ operation, attempt: attemptNumber, requestId }] };
}
