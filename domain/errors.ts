export type DomainErrorCode = 'unknown_currency' | 'invalid_amount' | 'illegal_transition';

/** A rule of the domain was broken by the caller; `code` is stable, the message is for people. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: DomainErrorCode,
    message: string,
  ) {
    super(message);
  }
}
