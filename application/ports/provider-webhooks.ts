/** What a verified webhook says happened. The payload is not kept: it can carry client secrets. */
export interface ProviderEvent {
  readonly id: string;
  readonly type: string;
  readonly objectId: string;
  readonly objectType: string;
  readonly providerIntentId: string | null;
  /** The payment id that our own metadata names. */
  readonly paymentId: string | null;
  readonly occurredAt: Date;
}

export interface WebhookVerifier {
  /** The event, or null when the signature, its age or the body is not right. */
  verify(webhook: { readonly body: Buffer; readonly signature: string }): ProviderEvent | null;
}

export interface ProviderEventStore {
  /** Stores an event once; false when its id is known. @throws DependencyUnavailable */
  add(event: ProviderEvent): Promise<boolean>;
}
