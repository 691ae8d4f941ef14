/** A doorbell: rings made while nobody waits are remembered as one. */
export class WakeUp {
  private rung = false;
  private open: () => void = () => undefined;

  readonly ring = (): void => {
    this.rung = true;
    this.open();
  };

  /** Resolves at the next ring, after `timeoutMs`, or when `stop` aborts. */
  async next(timeoutMs: number, stop: AbortSignal): Promise<void> {
    if (!this.rung && !stop.aborted) await this.wait(timeoutMs, stop);
    this.rung = false;
  }

  private wait(timeoutMs: number, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        stop.removeEventListener('abort', finish);
        this.open = () => undefined;
        resolve();
      };
      const timer = setTimeout(finish, timeoutMs);
      stop.addEventListener('abort', finish, { once: true });
      this.open = finish;
    });
  }
}

/** Resolves after `ms`, or at once when `stop` aborts. */
export function delay(ms: number, stop?: AbortSignal): Promise<void> {
  return new WakeUp().next(ms, stop ?? new AbortController().signal);
}

/** Resolves once `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
