/** The wall clock, so that tests can turn it. */
export interface Clock {
  now(): Date;
}

/** Makes identifiers. */
export interface IdSource {
  /** A time-ordered UUID (version 7) in its canonical form. */
  uuid(): string;
}
