import type { FailureDetails, FailureType } from './api-failure';

interface Refusal {
  type: FailureType;
  message: string;
  code?: string;
  declineCode?: string;
}

/** What Stripe says with each status, when the script gives no code of its own. */
const REFUSALS: Record<number, Refusal> = {
  401: { type: 'invalid_request_error', message: 'Invalid API Key provided.' },
  402: {
    type: 'card_error',
    code: 'card_declined',
    declineCode: 'generic_decline',
    message: 'Your card was declined.',
  },
  403: {
    type: 'invalid_request_error',
    message: 'The provided key does not have the required permissions for this endpoint.',
  },
  404: {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: 'No such object.',
  },
  409: {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: 'There is currently another in-progress request using this Idempotency Key.',
  },
  429: {
    type: 'invalid_request_error',
    code: 'rate_limit',
    message: 'Request rate limit exceeded.',
  },
};

const BY_CODE: Record<string, Refusal> = {
  lock_timeout: {
    type: 'invalid_request_error',
    message:
      'This object cannot be accessed right now because another API request or Stripe process ' +
      'is currently accessing it.',
  },
};

/** Stripe tells its libraries whether to try again where the status alone does not say it. */
function advice(status: number, code: string | undefined, stored: boolean): boolean | undefined {
  if (status === 409 || code === 'lock_timeout') return true;
  return stored && status >= 500 ? false : undefined;
}

/** The error answer of a scripted fault, in the words that Stripe has for it. */
export function scriptedFailure(fault: {
  status: number;
  code?: string;
  stored?: boolean;
}): FailureDetails {
  const { status } = fault;
  const usual: Refusal = REFUSALS[status] ?? {
    type: status < 500 ? 'invalid_request_error' : 'api_error',
    message: status < 500 ? 'Refused by a scripted fault.' : 'Something went wrong on our end.',
  };
  const code = fault.code ?? usual.code;
  const shouldRetry = advice(status, code, fault.stored === true);
  return {
    ...usual,
    ...(fault.code === undefined ? {} : BY_CODE[fault.code]),
    status,
    ...(code === undefined ? {} : { code }),
    ...(shouldRetry === undefined ? {} : { shouldRetry }),
    ...(code === 'rate_limit' ? { limitedBy: 'global-rate' } : {}),
  };
}
