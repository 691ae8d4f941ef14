export type RefusalCode =
  | 'unauthenticated'
  | 'insufficient_scope'
  | 'rate_limited'
  | 'payment_not_found'
  | 'refund_not_found'
  | 'precondition_failed'
  | 'reconciliation_not_found'
  | 'reference_in_use'
  | 'payment_state_conflict'
  | 'request_in_progress'
  | 'amount_not_available'
  | 'idempotency_key_reused'
  | 'idempotency_key_in_progress';

/** The request is understood and refused; `code` is stable and shown to the caller. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly retryAfterSeconds: number | null;
  /** For the caller: what this request in particular ran into. */
  readonly detail: string | null;

  constructor(
    readonly code: RefusalCode,
    options: { readonly retryAfterSeconds?: number; readonly detail?: string } = {},
  ) {
    super(code);
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
    this.detail = options.detail ?? null;
  }
}
