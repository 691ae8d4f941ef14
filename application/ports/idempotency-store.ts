/** A key belongs to one merchant, one method and one path. */
export interface IdempotencyScope {
  readonly merchantId: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
}

/** An HTTP answer as it was, or will be, sent. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface StoredKey {
  readonly bodySha256: string;
  readonly answer: Answer;
  /** What its request made: a payment, a capture or cancel, a refund. */
  readonly subjectId: string | null;
  /** `final`: the answer stands. `held`: its request still waits. `lapsed`: that request was lost. */
  readonly lock:
    | { readonly kind: 'final' }
    | { readonly kind: 'held'; readonly remainingMs: number }
    | { readonly kind: 'lapsed' };
}

/** The truth about keys. Locks are judged by the database's clock. Throws DependencyUnavailable. */
export interface IdempotencyStore {
  read(scope: IdempotencyScope): Promise<StoredKey | null>;
  /** Takes over a lapsed lock; false when another request was faster. */
  relock(request: { readonly scope: IdempotencyScope; readonly lockMs: number }): Promise<boolean>;
  /** Ends a lock without an answer: the next request with the key goes by the present state. */
  release(scope: IdempotencyScope): Promise<void>;
  /** Replaces a locked answer by the final one; false when an answer is final already. */
  conclude(request: {
    readonly scope: IdempotencyScope;
    readonly answer: Answer;
  }): Promise<boolean>;
}
