import type { Answer, IdempotencyScope } from './idempotency-store';

export interface CachedAnswer {
  readonly bodySha256: string;
  readonly answer: Answer;
}

/** A fast copy of final answers. It never throws: losing it costs a query, never correctness. */
export interface IdempotencyCache {
  get(scope: IdempotencyScope): Promise<CachedAnswer | null>;
  put(scope: IdempotencyScope, cached: CachedAnswer): Promise<void>;
}
