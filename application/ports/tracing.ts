export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

/** Never amounts, card data or texts of other people: spans leave for a server that is not ours. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanPlan {
  /** Of few values; what differs from payment to payment is an attribute. */
  readonly name: string;
  readonly kind: SpanKind;
  /**
   * The W3C traceparent of the cause. Without one, or with a malformed one, the span belongs to the
   * span under way, and begins a trace where there is none.
   */
  readonly parent?: string | null | undefined;
  readonly attributes?: SpanAttributes;
}

export interface OpenSpan {
  /** What a message, a row or a call made under this span carries on. */
  readonly traceparent: string;
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  /** Marks the span as failed, and why in a word; a rejection does it by the error's name. */
  fail(reason: string): void;
}

/** Spans of one process. Where nobody collects them there is no such object, and nothing is made. */
export interface Tracing {
  /** Runs the work in a span that ends with it. What the work calls finds the span by `current`. */
  inSpan<T>(plan: SpanPlan, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** The traceparent of the span under way; null outside of one. */
  current(): string | null;
}
