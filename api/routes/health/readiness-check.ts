export interface ReadinessCheck {
  readonly name: string;
  /** Without a required part no request can be served; without another one some are slower. */
  readonly required: boolean;
  /** Rejects, or stays silent too long, when the part is away. */
  readonly check: () => Promise<unknown>;
}
