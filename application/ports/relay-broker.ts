import type { MessagePublisher } from './message-publisher';

/** The broker as the relay needs it: publishing, and knowing when publishing makes sense again. */
export interface RelayBroker extends MessagePublisher {
  /** True while a message handed in now would be sent. */
  isReady(): boolean;
  /**
   * Resolves once messages can be published: connected, topology in place, not blocked. Resolves
   * early, without that promise, when `signal` aborts. Never rejects: an outage is waited out.
   */
  ready(signal: AbortSignal): Promise<void>;
}
