/**
 * Takes the signals that ask a command to end. npm passes a Ctrl-C on although the terminal has
 * delivered it already, so a second signal means the same as the first and changes nothing.
 * @returns the first signal, whenever it comes
 */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
  });
}

const NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** The status by which a shell knows that a signal ended the command. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + (NUMBERS[signal] ?? 0);
}
