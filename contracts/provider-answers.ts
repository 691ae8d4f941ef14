/** A request to the provider that was answered, with the provider's own id of it. */
export interface ProviderAnswer {
  readonly operation: string;
  readonly attempt: number;
  readonly requestId: string;
}

/** Which requests led to a result; absent where their answers were not heard. */
export interface Answered {
  readonly answers?: readonly ProviderAnswer[];
}
