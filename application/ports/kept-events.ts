import type { NewsSubject } from '../../domain/provider-news';
import type { NewEvent, NewsOutcome, ProviderEvent } from './provider-webhooks';

/** A stored event and what it is about, both as they are now. */
export interface KeptEvent {
  readonly event: ProviderEvent;
  readonly subject: NewsSubject | null;
  readonly isProcessed: boolean;
  readonly receivedAt: Date;
  /** Since it was received, on the database's clock. */
  readonly ageMs: number;
}

export interface UnprocessedQuery {
  readonly ageMs: number;
  /** Events about nobody's payment are left alone for this long. */
  readonly strangerAgeMs: number;
  readonly limit: number;
  readonly after: KeptEvent | null;
}

/** Every method throws `StoreUnavailable` or `StoreRefused` and nothing else. */
export interface KeptEvents {
  find(eventId: string): Promise<KeptEvent | null>;
  /** Stores an event once; false when its id is known. */
  add(added: NewEvent): Promise<boolean>;
  /** Those of the ids that are stored. */
  known(eventIds: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Those that something can be done about, oldest first: not of payments whose saga is talking to
   * the provider, and not of lost ones whose payment still does not exist.
   */
  unprocessed(query: UnprocessedQuery): Promise<KeptEvent[]>;
  close(closed: {
    readonly eventIds: readonly string[];
    readonly outcome: NewsOutcome;
  }): Promise<void>;
  /** It names a payment of ours that does not exist: kept open, and found again once it does. */
  markLost(eventId: string): Promise<void>;
}

/** Takes in events that were read from the provider, as if each had come as a webhook. */
export interface EventIntake {
  /**
   * @returns how many of them were new
   * @throws SagaUnavailable | StoreUnavailable; safe to repeat
   */
  take(events: readonly ProviderEvent[]): Promise<number>;
}
