/** A part the answer depends on gave none in time. Safe to repeat under the same key. */
export class DependencyUnavailable extends Error {
  override readonly name = 'DependencyUnavailable';

  constructor(what: string, options?: ErrorOptions) {
    super(`${what} is unavailable`, options);
  }
}
