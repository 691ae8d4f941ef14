import { ApplicationFailure } from '@temporalio/common';
import { failureCodes, faultTypes } from '../contracts/saga';
import { failureOf } from './failures';

function rejected(...details: unknown[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable('provider', faultTypes.providerRejected, ...details);
}

describe('what the merchant is told', () => {
  it("names the provider's own code, so that a small amount differs from an unknown card", () => {
    expect(failureOf(rejected('amount_too_small'))).toEqual({
      code: failureCodes.providerRejected,
      declineCode: null,
      message: 'The payment provider did not accept the request (amount_too_small).',
    });
  });

  it('makes do without a code', () => {
    expect(failureOf(rejected()).message).toBe('The payment provider did not accept the request.');
  });
});
