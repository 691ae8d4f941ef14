import { ProviderError } from '../application/ports/payment-provider';
import type { ProviderErrorKind } from '../application/ports/payment-provider';
import { SagaUnavailable } from '../application/ports/saga-starter';
import { StoreRefused, StoreUnavailable } from '../application/ports/saga-store';
import { faultTypes } from '../contracts/saga';
import { DomainError } from '../domain/errors';
import { ActivityFault, toFailure } from './errors';
import type { Phase } from './errors';

function provider(kind: ProviderErrorKind, retryAfterMs?: number, code?: string): ProviderError {
  return new ProviderError({
    kind,
    message: `provider: ${kind}`,
    code: code ?? null,
    requestId: null,
    httpStatus: null,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

const retried: [Phase, Error, string][] = [
  ['forward', provider('unknown_outcome'), faultTypes.providerUnavailable],
  ['forward', provider('replayed_failure'), faultTypes.providerUnavailable],
  ['forward', provider('key_conflict'), faultTypes.providerUnavailable],
  ['forward', provider('in_flight'), faultTypes.providerUnavailable],
  ['forward', provider('rate_limited'), faultTypes.providerUnavailable],
  ['forward', provider('unexpected_state'), faultTypes.providerUnavailable],
  ['undo', provider('unauthorized'), faultTypes.providerUnavailable],
  ['undo', provider('already_refunded'), faultTypes.providerUnavailable],
  ['record', new StoreUnavailable('no answer'), faultTypes.storeUnavailable],
  ['park', new StoreRefused('P0001'), faultTypes.storeRefused],
  ['record', new SagaUnavailable('away'), faultTypes.sagaUnavailable],
  ['undo', new ActivityFault(faultTypes.unfinished, 'on its way'), faultTypes.unfinished],
  ['announce', new StoreRefused('23514'), faultTypes.storeRefused],
  ['announce', new DomainError('illegal_transition', 'no'), faultTypes.illegalTransition],
  ['forward', new TypeError('a fault nobody foresaw'), faultTypes.unexpected],
];

const final: [Phase, Error, string][] = [
  ['forward', provider('unauthorized'), faultTypes.providerRejected],
  ['forward', provider('invalid_request'), faultTypes.providerRejected],
  ['forward', provider('not_found'), faultTypes.providerRejected],
  ['undo', provider('not_found'), faultTypes.providerRejected],
  ['undo', provider('invalid_request'), faultTypes.providerRejected],
  ['record', new StoreRefused('P0001'), faultTypes.storeRefused],
  ['forward', new StoreRefused('23514'), faultTypes.storeRefused],
  ['record', new DomainError('illegal_transition', 'no'), faultTypes.illegalTransition],
  ['undo', new ActivityFault(faultTypes.refundFailed, 'failed'), faultTypes.refundFailed],
  ['undo', new ActivityFault(faultTypes.intentOpen, 'open'), faultTypes.intentOpen],
  ['forward', new ActivityFault(faultTypes.paymentNotFound, 'gone'), faultTypes.paymentNotFound],
];

test.each(retried)('going %s, %s is tried again', (phase, error, type) => {
  expect(toFailure(error, phase)).toMatchObject({ type, nonRetryable: false });
});

test.each(final)('going %s, %s is final', (phase, error, type) => {
  expect(toFailure(error, phase)).toMatchObject({ type, nonRetryable: true });
});

test('a provider that says when to come back is asked again then', () => {
  expect(toFailure(provider('rate_limited', 1_500), 'forward').nextRetryDelay).toBe(1_500);
  expect(toFailure(provider('rate_limited'), 'forward').nextRetryDelay ?? null).toBeNull();
});

test("a provider's code goes with the fault, and its absence adds nothing", () => {
  const told = toFailure(provider('invalid_request', undefined, 'amount_too_small'), 'forward');
  expect(told.details).toEqual(['amount_too_small']);
  expect(toFailure(provider('invalid_request'), 'forward').details ?? []).toEqual([]);
});
