/** What a request may still do after it was counted. */
export interface RateVerdict {
  readonly isAllowed: boolean;
  /** Requests in one window. */
  readonly limit: number;
  readonly remaining: number;
  /** Seconds, rounded up, until the window ends and the count begins anew. */
  readonly resetSeconds: number;
}

export interface RateLimiter {
  /** Counts one request of the subject. It never fails: a limit must not stop what it protects. */
  take(subject: string): Promise<RateVerdict>;
}
