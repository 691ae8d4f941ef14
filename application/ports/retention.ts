import type { CleanedTable } from '../../contracts/janitor';

export interface CleanQuery {
  readonly table: CleanedTable;
  readonly keepMs: number;
  /** Rows looked at. */
  readonly limit: number;
  /** Where the batch before this one ended; null for the first. */
  readonly after: string | null;
}

export interface CleanedBatch {
  readonly deleted: number;
  /** Null when nothing else is old enough. */
  readonly next: string | null;
}

/** Deletes what nothing needs any more, a batch at a time. */
export interface Retention {
  /** One short statement. Safe to repeat. @throws StoreUnavailable | StoreRefused */
  clean(query: CleanQuery): Promise<CleanedBatch>;
}
