export interface HeldMessagesOptions<Message> {
  readonly retryInitialMs: number;
  readonly retryMaxMs: number;
  readonly onRetry: (messages: readonly Message[]) => void;
  readonly onStale: () => void;
}

/** Ten minutes short of the broker's consumer timeout of 30 min. */
const staleAfterMs = 20 * 60_000;

/**
 * Messages whose handler met an outage. They are offered again together after a backoff that
 * doubles for as long as none of them got through.
 */
export class HeldMessages<Message> {
  private readonly messages = new Set<Message>();
  /** Those not being handled at this moment: a slow handler must not get its message twice. */
  private readonly waiting = new Set<Message>();
  private retryTimer: NodeJS.Timeout | undefined;
  private staleTimer: NodeJS.Timeout | undefined;
  private rounds = 0;

  constructor(private readonly options: HeldMessagesOptions<Message>) {}

  get size(): number {
    return this.messages.size;
  }

  hold(message: Message): void {
    this.messages.add(message);
    this.waiting.add(message);
    this.staleTimer ??= setTimeout(() => this.options.onStale(), staleAfterMs).unref();
    this.retryTimer ??= setTimeout(() => this.retry(), this.delayMs()).unref();
  }

  /** True if the message had been held; the outage is then taken to be over. */
  settled(message: Message): boolean {
    this.waiting.delete(message);
    if (!this.messages.delete(message)) return false;
    this.rounds = 0;
    if (this.messages.size === 0) this.clear();
    return true;
  }

  clear(): void {
    this.messages.clear();
    this.waiting.clear();
    clearTimeout(this.retryTimer);
    clearTimeout(this.staleTimer);
    this.retryTimer = undefined;
    this.staleTimer = undefined;
    this.rounds = 0;
  }

  private retry(): void {
    this.retryTimer = undefined;
    this.rounds += 1;
    const offered = [...this.waiting];
    this.waiting.clear();
    this.options.onRetry(offered);
  }

  private delayMs(): number {
    const ceiling = Math.min(
      this.options.retryMaxMs,
      this.options.retryInitialMs * 2 ** Math.min(this.rounds, 16),
    );
    return ceiling / 2 + (Math.random() * ceiling) / 2;
  }
}
