/**
 * The migration flags as they stood when the payment was accepted. They are stored on the payment
 * and passed as workflow input: read later, one payment would mix two ways of working.
 */
export interface FeatureFlags {
  readonly asyncCommands: boolean;
  readonly outboxPattern: boolean;
  readonly retryLogic: boolean;
  readonly compensation: boolean;
}
