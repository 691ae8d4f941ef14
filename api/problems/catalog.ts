interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What the caller can do about it; the text of the page that `type` leads to. */
  readonly advice: string;
  /** Whether the same request, under the same key, can succeed later. */
  readonly retryable: boolean;
}

/** Every error the API answers with. Codes are a promise to callers: none is renamed or removed. */
export const problemKinds = {
  invalid_json: {
    status: 400,
    title: 'The body is not valid JSON',
    advice: 'Send one JSON object in UTF-8, in which each name occurs once.',
    retryable: false,
  },
  invalid_request: {
    status: 400,
    title: 'The request is not valid',
    advice:
      'Each entry of `errors` points to a part of the request and says what is wrong with it.',
    retryable: false,
  },
  card_number_refused: {
    status: 400,
    title: 'The request contains what may be a card number',
    advice:
      'Card numbers must never be sent to this service, in any field. Send the id of a payment ' +
      'method that the provider made. If it is no card number, write it so that it is no run of ' +
      '13 to 19 digits that passes the Luhn check.',
    retryable: false,
  },
  reference_in_use: {
    status: 409,
    title: 'The reference has a live payment',
    advice:
      'A payment with `once_per_reference` is live for this reference. Read it; once it has failed ' +
      'or was canceled, another one can be made.',
    retryable: true,
  },
  payment_state_conflict: {
    status: 409,
    title: 'The payment is not in a state for this',
    advice: 'Read the payment: its status says what it allows.',
    retryable: false,
  },
  request_in_progress: {
    status: 409,
    title: 'Another request on this payment is in progress',
    advice: 'One capture or cancel is answered before the next is taken. Read the payment first.',
    retryable: true,
  },
  amount_not_available: {
    status: 422,
    title: 'The amount is more than there is',
    advice: 'Read the payment: less is held, or less is left to refund.',
    retryable: false,
  },
  malformed_http: {
    status: 400,
    title: 'This is not HTTP',
    advice: 'The connection is closed. Check what stands between you and the service.',
    retryable: false,
  },
  idempotency_key_missing: {
    status: 400,
    title: 'The Idempotency-Key header is missing',
    advice: 'Make a random key for each payment, and send the same one whenever you repeat it.',
    retryable: false,
  },
  idempotency_key_invalid: {
    status: 400,
    title: 'The Idempotency-Key header is not valid',
    advice: 'A key has 1 to 255 visible ASCII characters, no spaces, and is sent once.',
    retryable: false,
  },
  invalid_signature: {
    status: 400,
    title: 'The webhook is not signed by the provider',
    advice: 'The signature, its age or the body is not right. Check the signing secret.',
    retryable: false,
  },
  unauthenticated: {
    status: 401,
    title: 'The API key is missing or not valid',
    advice: 'Send `Authorization: Bearer psk_...` with a key that is neither expired nor revoked.',
    retryable: false,
  },
  insufficient_scope: {
    status: 403,
    title: 'The API key does not allow this',
    advice: 'Use a key with the scope that the operation needs.',
    retryable: false,
  },
  not_found: {
    status: 404,
    title: 'There is nothing at this address',
    advice: 'Check the path.',
    retryable: false,
  },
  payment_not_found: {
    status: 404,
    title: 'There is no such payment',
    advice: 'Check the id. A payment is visible to the merchant that made it only.',
    retryable: false,
  },
  refund_not_found: {
    status: 404,
    title: 'There is no such refund',
    advice: 'Check the id. A refund is visible to the merchant of its payment only.',
    retryable: false,
  },
  precondition_failed: {
    status: 412,
    title: 'What the request takes for granted is not so',
    advice:
      'Another refund came first, or one has failed. Read the payment, and decide again by what is ' +
      'left of it.',
    retryable: false,
  },
  reconciliation_not_found: {
    status: 404,
    title: 'There is no such reconciliation',
    advice: 'Check the id.',
    retryable: false,
  },
  method_not_allowed: {
    status: 405,
    title: 'The address does not take this method',
    advice: 'The Allow header lists the methods it takes.',
    retryable: false,
  },
  request_timeout: {
    status: 408,
    title: 'The request did not arrive in time',
    advice: 'Headers may take 10 seconds and the whole request 15. Send it again.',
    retryable: true,
  },
  idempotency_key_in_progress: {
    status: 409,
    title: 'A request with this Idempotency-Key is being worked on',
    advice: 'Repeat the request after the time in Retry-After to get the answer.',
    retryable: true,
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    advice: 'The limit is 64 KB.',
    retryable: false,
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body is not declared as JSON',
    advice: 'Send `Content-Type: application/json`, in UTF-8 and not compressed.',
    retryable: false,
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key was used for another body',
    advice: 'A key belongs to one body. Use a new key for another payment.',
    retryable: false,
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    advice: 'Repeat the request after the time in Retry-After, and send fewer until then.',
    retryable: true,
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    advice: 'All headers together may have 16 KB.',
    retryable: false,
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side',
    advice: 'Repeat the request with the same Idempotency-Key; it cannot pay twice.',
    retryable: true,
  },
  service_unavailable: {
    status: 503,
    title: 'The service cannot answer at the moment',
    advice: 'Repeat the request with the same Idempotency-Key; it cannot pay twice.',
    retryable: true,
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemKinds, code);
}
