export type RefusalCode =
  | 'unauthenticated'
  | 'insufficient_scope'
  | 'payment_not_found'
  | 'idempotency_key_reused'
  | 'idempotency_key_in_progress';

/** The request is understood and refused; `code` is stable and shown to the caller. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly retryAfterSeconds: number | null;

  constructor(
    readonly code: RefusalCode,
    options: { readonly retryAfterSeconds?: number } = {},
  ) {
    super(code);
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}
